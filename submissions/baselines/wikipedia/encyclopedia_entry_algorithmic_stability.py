"""Algorithmic stability: of a draft what is asked for."""

from submissions.baselines.wikipedia.encyclopedia_entry import pruned, written

DIVISION = "algorithmic_stability"

DRAFT = r"""
'''Stability''' of a [[learning algorithm]] is the property that small changes of its [[training set]] have small effects on the result.
If removing one example can change the prediction at any point only slightly, then the algorithm cannot have memorized its data.
For that reason stability is a way to bound the [[generalization error]] without a word about the size of a [[hypothesis]] space, which sets it apart from other parts of [[statistical learning theory]].<ref name="b">{{cite journal |title=Stability and Generalization |year=2002 |doi=10.1162/153244302760200704}}</ref>

== Definitions ==
An algorithm is uniformly stable with a coefficient if exchanging one example changes the [[loss function|loss]] at every point by at most that much.<ref name="b" />
Weaker notions ask for stability in the mean over samples.
Another looks at the error that is made on the example which was left out.
The property belongs to an algorithm and not to the class of functions that it searches.

== Bounds ==
The mean gap between training and test error equals the mean effect of one replacement.<ref name="s">{{cite book |title=Understanding Machine Learning: From Theory to Algorithms |year=2014 |isbn=978-1-107-05713-5}}</ref>
With the inequality of bounded differences a bound of high probability is obtained.
For it to be useful the stability coefficient has to fall faster than one over the root of the sample size.
A sharper analysis by Feldman and Vondrák relaxes this condition.

== Examples ==
[[Tikhonov regularization]] is stable because its objective is strongly convex.<ref name="s" />
: <math>\beta \le \frac{\rho^2}{2 \lambda m}</math> <!-- claim:regularization -->
The choice of the regularization parameter is a balance between stability and fit.
The [[support-vector machine]] belongs to this family.
In a space with a reproducing kernel the same argument holds.
Stochastic gradient descent is stable as long as the number of its steps is small.<ref name="h">{{cite arXiv |title=Train faster, generalize better: Stability of stochastic gradient descent |year=2016 |eprint=1509.01240}}</ref>
: <math>\epsilon \le 2 L^2 \alpha T / m</math> <!-- claim:descent -->
In the convex case it is the sum of all step sizes that enters.
The argument is that a gradient step does not drive two runs apart.
This is one reason why early stopping helps.
Decision trees are known to be unstable, and bagging is used to repair that.
The lasso cannot be stable in the uniform sense because it is sparse.

== Theory ==
The empirical risk minimizer is consistent if and only if it is stable in a certain sense.<ref name="p">{{cite journal |title=General conditions for predictivity in learning theory |year=2004 |doi=10.1038/nature02341}}</ref>
There are learnable problems in which stability holds without uniform convergence.
Differential privacy is one of the strongest forms of stability.
The first results, on local rules, are due to Devroye and Wagner.

== References ==
{{reflist}}

[[Category:Learning theory]]
"""


def fit(train, context):
    """Return what is left of the draft."""
    return written(pruned(DRAFT, context.facts["concepts"]))
