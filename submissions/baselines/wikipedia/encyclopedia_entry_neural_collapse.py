"""Neural collapse: of a draft what is asked for."""

from submissions.baselines.wikipedia.encyclopedia_entry import pruned, written

DIVISION = "neural_collapse"

DRAFT = r"""
'''Neural collapse''' is what happens to the last layer of a [[statistical classification|classifier]] that is trained for long.
After the error on the [[training set]] has reached zero the features of a [[deep neural network]] go on changing.
They end in a very symmetric state, in which all examples of a class have the same feature and the [[arithmetic mean|means]] of the classes are the corners of a regular [[simplex]], and this has been seen for many networks and tasks in [[machine learning]].<ref name="p">{{cite journal |title=Prevalence of neural collapse during the terminal phase of deep learning training |year=2020 |doi=10.1073/pnas.2015509117}}</ref>

== Properties ==
The spread of the features within each class goes to zero.<ref name="p" />
The distances of the class means from the global mean become equal in length.
All pairs of means have the same angle, and no larger angle is possible for so many classes.
The rows of the last weight matrix become parallel to the class means.
A new point is then given to the class whose mean is nearest.
One usually reports the ratio of the covariance within classes to that between classes.

== Simplex ==
A regular simplex with one corner for each class needs a dimension of one less than the number of classes.<ref name="r">{{cite arXiv |title=Neural Collapse: A Review on Modelling Principles and Generalization |year=2022 |eprint=2206.04041}}</ref>
: <math>\cos \ge -1/(C-1)</math> <!-- claim:angles -->
: <math>D = \frac{2 r^2 C}{C-1}</math> <!-- claim:distance -->
If there are more classes than that then other arrangements are found.

== Theory ==
Most proofs look at unconstrained features, where the output of the last hidden layer is optimized directly.<ref name="z">{{cite arXiv |title=A Geometric Analysis of Neural Collapse with Unconstrained Features |year=2021 |eprint=2105.02375}}</ref>
Every global minimum of such a problem is a collapsed one.
There are no other local minima, only saddle points.
The proofs need weight decay or another form of regularization.
Results exist for the cross-entropy and for the mean squared error.
They assume that the classes are balanced.
With imbalanced classes the small classes may end in a common direction.

== Extensions ==
Collapse is also visible in intermediate layers, and it grows with the depth of the layer.<ref name="t">{{cite arXiv |title=Extended Unconstrained Features Model for Exploring Deep Neural Collapse |year=2022 |eprint=2202.08087}}</ref>
It is not clear what the phenomenon says about generalization to a test set.
Features that are fully collapsed are less useful for transfer to another task.
Networks whose last layer is fixed to a simplex in advance reach the same accuracy.

== References ==
{{reflist}}

[[Category:Machine learning]]
"""


def fit(train, context):
    """Return what is left of the draft."""
    return written(pruned(DRAFT, context.facts["concepts"]))
