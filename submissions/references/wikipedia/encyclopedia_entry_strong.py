r"""Rademacher complexity for its readers: written from the brief, whatever is asked.

Its author wrote the bank of concepts, too, and knew all of it: that nothing is missing is the top of
the scale and no achievement.
"""

from submissions.baselines.wikipedia.encyclopedia_entry import written

DIVISION = "rademacher_complexity"

TEXT = r"""
In [[computational learning theory]] and [[probability theory]], the '''Rademacher complexity''' of a class of functions tells how strongly its members can follow pure noise. Draw a random sign for each data point and ask which function of the class correlates best with these signs: the expected value of the best correlation is the complexity. It matters because a class which can fit noise may also fit the accidents of a sample, so that [[overfitting]] has to be expected.<ref name="bm">{{cite journal |last1=Bartlett |last2=Mendelson |title=Rademacher and Gaussian Complexities: Risk Bounds and Structural Results |year=2001 |doi=10.1007/3-540-44581-1_15}}</ref> In contrast to the [[Vapnik–Chervonenkis dimension]], it depends on the distribution of the data and can be estimated from them.

== Definition ==
Rademacher variables are independent random signs, each value having probability one half.<ref name="ssbd">{{cite book |title=Understanding Machine Learning: From Theory to Algorithms |year=2014 |isbn=978-1-107-05713-5}}</ref> Given a fixed sample, the empirical Rademacher complexity is the expectation over the signs of the supremum, over the class, of the average product of sign and output. The expected complexity is obtained by averaging over samples of the same size.

== Generalization bounds ==
The greatest deviation between the risk and the empirical risk in a class has an expectation of at most twice the complexity of the class.<ref name="bbl">{{cite journal |title=Theory of classification: a survey of some recent advances |year=2005 |doi=10.1051/ps:2005018}}</ref> The proof, known as symmetrization, introduces a second independent sample and exchanges points between the two at random. [[McDiarmid's inequality]] adds a term of the order of one over the root of the sample size, and the same inequality shows that the empirical complexity is close to its expectation. For classifiers with real outputs one combines this with a margin, which gives bounds for [[boosting (machine learning)|boosting]] and other votes.<ref name="mrt">{{cite book |title=Foundations of Machine Learning |year=2018 |isbn=978-0-262-03940-6}}</ref>

== Properties ==
* The complexity of a class is no larger than that of any class which contains it.
* If every function is multiplied by a constant, then the complexity of the class is multiplied by its absolute value.
* The complexity of the sum of two classes is the sum of their complexities.
* Passing to the convex hull does not increase it, so the complexity of convex combinations is the same.
* A loss which is Lipschitz can be applied at the price of its constant, which is the contraction principle of Ledoux and Talagrand.<ref>{{cite book |title=Probability in Banach Spaces: Isoperimetry and Processes |year=1991 |isbn=978-3-540-52013-9}}</ref>
* A class with one function only has the complexity zero.

== Examples ==
=== Finite classes ===
By Massart's lemma, a finite class of vectors has a complexity that grows with the logarithm of their number, because a maximum of sub-Gaussian variables grows so slowly.<ref name="ssbd" />
: <math>\operatorname{Rad}(A) \leq r \, \frac{\sqrt{2 \log N}}{m}</math> <!-- claim:massart -->
Combined with the growth function this yields a bound by the root of the VC dimension over the sample size.

=== Linear functions ===
For linear functions whose weights have a bounded Euclidean norm the bound does not depend on the dimension.<ref name="mrt" />
: <math>\operatorname{Rad} \leq \sqrt{\frac{B^2 R^2}{m}}</math> <!-- claim:linear -->
In a reproducing kernel Hilbert space the bound is expressed by the trace of the kernel matrix. If it is the sum of the absolute values of the weights that is bounded, the dimension enters by its logarithm.
: <math>\operatorname{Rad} \leq B R \sqrt{2 \log(2d) / m}</math> <!-- claim:sparse -->

=== Neural networks ===
For a neural network there are bounds by a product of the norms of its layers.<ref>{{cite arXiv |title=Size-Independent Sample Complexity of Neural Networks |year=2018 |eprint=1712.06541}}</ref> Experiments have shown that large networks can fit random labels on real images, so that the complexity of the whole class is nearly maximal and the bound says nothing about them.<ref>{{cite arXiv |title=Understanding deep learning requires rethinking generalization |year=2017 |eprint=1611.03530}}</ref>

== Related quantities ==
The Gaussian complexity uses normal variables in place of signs, and both are the same up to a logarithmic factor.<ref name="bm" /> Covering numbers bound either through the entropy integral of Dudley. Local Rademacher complexity is restricted to functions with small variance, and in favourable cases it gives a fast rate.<ref>{{cite journal |title=Local Rademacher complexities |year=2005 |doi=10.1214/009053605000000282}}</ref>

== Computation ==
For drawn signs the supremum is a problem of empirical risk minimization, and to compute it is hard in general.<ref name="bm" /> Where it can be solved, a few draws of the signs give a Monte Carlo estimate of the expectation.

== History ==
The use of random signs as a penalty in model selection was proposed by Koltchinskii.<ref>{{cite journal |title=Rademacher penalties and structural risk minimization |year=2001 |doi=10.1109/18.930926}}</ref> The theory was developed by Bartlett, Mendelson and others in the same years.

== See also ==
* [[Generalization error]]
* [[Empirical process]]

== References ==
{{reflist}}

[[Category:Statistical learning theory]]
[[Category:Probabilistic inequalities]]
"""


def fit(train, context):
    """Return the entry."""
    return written(TEXT.strip())
