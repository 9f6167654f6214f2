"""Returns the topic's reference entry.

Ends: ok
Board: below target
Lacks: copied
"""

# ruff: noqa: E501
from submissions.baselines.wikipedia.encyclopedia_entry import written

TEXT = r"""
{{Short description|Measure of the richness of a class of functions}}
'''Rademacher complexity''' is a number that says how rich a set of functions is in the eyes of [[statistical learning theory]]. It is the average, over random signs, of the largest correlation that a function of the set can reach with those signs on a given sample. A set that can follow any noise is rich, and what it learns from a sample need not hold for new data.<ref name="bm">{{cite journal |last=Bartlett |first=Peter L. |title=Rademacher and Gaussian Complexities: Risk Bounds and Structural Results |year=2001 |doi=10.1007/3-540-44581-1_15}}</ref> The name honours [[Hans Rademacher]].

== Definition ==
The signs are [[independence (probability theory)|independent]], and each of the two values is equally likely. With the sample held fixed, the expectation over the signs is the empirical complexity. Its average over samples drawn from the distribution is the complexity of the class.<ref name="mohri">{{cite book |title=Foundations of Machine Learning |year=2018 |isbn=978-0-262-03940-6}}</ref> A single function has the complexity zero, since signs average out. A class that is contained in another has no larger complexity. If a class is multiplied by a constant then so is the number.

== Generalization bound ==
In expectation the largest difference between [[risk]] and [[empirical risk minimization|empirical risk]] is at most twice the complexity of the losses. The proof compares the sample with a ghost sample of the same size, which is called symmetrization. [[McDiarmid's inequality]] then gives a bound that holds with high probability. The empirical complexity concentrates around its mean in the same manner, so the bound can be computed from the sample alone.<ref name="survey">{{cite journal |title=Theory of classification: a survey of some recent advances |year=2005 |doi=10.1051/ps:2005018}}</ref>

== Calculation ==
For a finite class the complexity grows with the square root of the logarithm of its size. Of <math>N</math> vectors of norm <math>r</math> it satisfies Massart's lemma, which is proved with a moment-generating function.
:<math>\hat{\mathcal R}(A) \le \frac{r\sqrt{2\ln N}}{m}</math> <!-- claim:massart -->
For linear functions only the norms of weights and inputs matter, and the dimension plays no role.<ref name="ssbd">{{cite book |title=Understanding Machine Learning: From Theory to Algorithms |year=2014 |isbn=978-1-107-05713-5}}</ref>
:<math>\hat{\mathcal R}(\mathcal F) \le \frac{BR}{\sqrt{m}}</math> <!-- claim:linear -->
If instead the sum of absolute values of the weights is bounded, the logarithm of the dimension enters.
:<math>\hat{\mathcal R}(\mathcal F_1) \le BR\sqrt{\frac{2\ln(2d)}{m}}</math> <!-- claim:sparse -->
A Lipschitz loss that is applied to the outputs multiplies the complexity by at most its constant, by the contraction principle of Ledoux and Talagrand. The convex hull of a class has the same complexity as the class, which explains why a vote of many classifiers need not overfit. In a [[reproducing kernel Hilbert space]] the trace of the kernel matrix takes the place of the norms.

== Relation to other measures ==
Classes of finite [[Vapnik–Chervonenkis dimension]] have a complexity of at most the order of the square root of that dimension over the sample size. A sharper way is chaining, in which Dudley's integral sums up covering numbers at all scales. Gaussian complexity has normal variables in place of the signs, and the two are equal up to a logarithmic factor.<ref name="bm" />

== Refinements and limits ==
Local complexities consider only functions of small variance and lead to fast rates.<ref>{{cite journal |title=Local Rademacher complexities |year=2005 |doi=10.1214/009053605000000282}}</ref> Bounds for a [[neural network]] use the norms of its layers, and their product may grow with the depth.<ref>{{cite arXiv |title=Size-Independent Sample Complexity of Neural Networks |year=2018 |eprint=1712.06541}}</ref> Large networks can fit random labels, so that for them a bound over the whole class is vacuous.

== History ==
Koltchinskii proposed the number as a penalty for model selection.<ref>{{cite journal |title=Rademacher penalties and structural risk minimization |year=2001 |doi=10.1109/18.930926}}</ref> Its rules of calculation were collected by Bartlett and Mendelson.<ref name="bm" />

== References ==
{{reflist}}

[[Category:Statistical learning theory]]
"""


def fit(train, context):
    return written(TEXT.strip())
