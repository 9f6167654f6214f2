"""VC dimension: of a draft what is asked for."""

from submissions.baselines.wikipedia.encyclopedia_entry import pruned, written

DIVISION = "vc_dimension"

DRAFT = r"""
The '''Vapnik–Chervonenkis dimension''', or VC dimension, says how flexible a family of [[binary classification|classifiers]] is.
It is the greatest number of points that the family can still label in all ways.
A family for which that number is finite can be learned from a [[sample (statistics)|sample]], and no other can, which is the main result of [[statistical learning theory]] on [[supervised learning]].<ref name="b">{{cite journal |title=Learnability and the Vapnik-Chervonenkis dimension |year=1989 |doi=10.1145/76359.76371}}</ref>

== Shattering ==
A set is shattered if for every labelling of its points some member of the family agrees with it.<ref name="s">{{cite book |title=Understanding Machine Learning: From Theory to Algorithms |year=2014 |isbn=978-1-107-05713-5}}</ref>
It is sufficient for a large value that at least one set of that size is shattered.
If any size can be reached the dimension is called infinite.
An interval of the line can pick out each part of two points and fails on three.
A rectangle with sides along the axes reaches the number four.
For a [[hyperplane]] the value exceeds the dimension of the space by one.
The upper half of that statement rests on the theorem of [[Johann Radon|Radon]] on convex hulls.
The family of sine functions has one parameter and is yet of infinite dimension.

== Counting ==
The growth function counts how many labellings of so many points there are.<ref name="n">{{cite book |title=The Nature of Statistical Learning Theory |year=2000 |isbn=978-0-387-98780-4}}</ref>
By a lemma of Sauer this count is at most a polynomial whose degree is the dimension.
: <math>\Pi(m) \le (em/d)^d</math> <!-- claim:sauer -->
Either all patterns occur for every size, an exponential number, or their number is polynomial.
A finite family cannot have more than the logarithm of its size to the base two.
: <math>d \le \log_2 N</math> <!-- claim:finite -->

== Consequences ==
The relative frequencies of all events converge uniformly to their probabilities.<ref name="v">{{cite journal |title=On the Uniform Convergence of Relative Frequencies of Events to Their Probabilities |year=1971 |doi=10.1137/1116025}}</ref>
The statement holds for every distribution, of which nothing has to be known.
The necessary sample is of the order of the dimension over the accuracy.
If no function is perfect then it is over the square of the accuracy, in the agnostic setting.
A learner that has seen half of a shattered set can only guess on the unseen points.
To choose between nested families one adds a penalty, as in structural risk minimization.

== Networks ==
Of a [[artificial neural network|network]] the value is about the number of weights times that of layers.<ref name="a">{{cite book |title=Neural Network Learning: Theoretical Foundations |year=1999 |isbn=978-0-521-57353-5}}</ref>
Modern networks have many more weights than examples, so the bounds are vacuous for them.
For functions with real values there is the pseudo-dimension.

== References ==
{{reflist}}

[[Category:Machine learning]]
"""


def fit(train, context):
    """Return what is left of the draft."""
    return written(pruned(DRAFT, context.facts["concepts"]))
