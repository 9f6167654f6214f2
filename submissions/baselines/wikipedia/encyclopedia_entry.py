"""Rademacher complexity: of a draft what is asked for.

Of the draft's body those sentences are kept that match a shown concept or carry a reference. The
lead, headings, claims and what belongs to the form stay.
"""

import re

import numpy as np

DIVISION = "rademacher_complexity"

DRAFT = r"""
'''Rademacher complexity''' measures in [[statistical learning theory]] how rich a class of functions is.
It asks how well some function of the class can be correlated with [[Independence (probability theory)|random signs]] on a sample.
The larger that number is, the less the error on a sample says about the error on new data, which is the [[generalization error]] of [[supervised learning]].<ref name="b">{{cite journal |title=Rademacher and Gaussian Complexities: Risk Bounds and Structural Results |year=2001 |doi=10.1007/3-540-44581-1_15}}</ref>

== Definition ==
The values plus one and minus one are drawn independently, each with [[probability]] one half.<ref name="m">{{cite book |title=Foundations of Machine Learning |year=2018 |isbn=978-0-262-03940-6}}</ref>
For these [[random variable]]s the supremum over the class of their mean product with its outputs is taken.
The expectation over signs with the sample fixed is called the empirical complexity.
When it is averaged over the sample, too, the result belongs to the distribution and not to one sample.
A class that consists of a single function has the value zero.
A subset of a class never has a greater complexity than the class.

== Use ==
The risk of every function exceeds its [[empirical risk]] by at most twice the complexity in the mean.<ref name="s">{{cite book |title=Understanding Machine Learning: From Theory to Algorithms |year=2014 |isbn=978-1-107-05713-5}}</ref>
This is shown with a second sample that nobody has seen, the ghost sample, and symmetrization.
The step to a statement of high probability uses [[McDiarmid's inequality|the inequality of bounded differences]].
Because the quantity depends on the data it can be smaller than what a worst case would allow.
Classifiers that have a large margin on the sample are covered by such bounds.
It has also been used as a penalty for the choice between models in structural risk minimization.<ref name="k">{{cite journal |title=Rademacher penalties and structural risk minimization |year=2001 |doi=10.1109/18.930926}}</ref>

== Rules ==
A finite class has a complexity that grows only with the logarithm of the number of its functions.<ref name="s" />
: <math>\mathcal R \le \frac{r}{m} \sqrt{2 \ln N}</math> <!-- claim:massart -->
For a linear function of bounded norm it is enough to know the norm of the inputs.
: <math>\mathcal R \le BR/\sqrt{m}</math> <!-- claim:linear -->
The dimension of the inputs does not appear in this bound.
A loss that is [[Lipschitz continuity|Lipschitz]] changes the complexity by no more than its constant.
Taking the [[convex hull]] of a class leaves it at the same value.
The [[Vapnik–Chervonenkis dimension|VC dimension]] gives a bound of the order of its square root over that of the sample size.
The Gaussian complexity replaces the signs by normal variables and is comparable in size.

== Neural networks ==
A [[neural network]] can be bounded by the product of the norms of its weights.<ref name="m" />
The factor grows with the depth unless further assumptions are made.
There are networks that fit random labels of a whole training set without an error.

== References ==
{{reflist}}

[[Category:Machine learning]]
"""


def fit(train, context):
    """Return what is left of the draft."""
    return written(pruned(DRAFT, context.facts["concepts"]))


def pruned(draft, concepts):
    """Drop sentences of the body, one a line, that match no concept and cite nothing."""
    kept, in_lead = [], True
    for line in draft.strip().splitlines():
        in_lead = in_lead and not line.startswith("==")
        stays = in_lead or not line[:1].isalpha() or "<ref" in line
        if stays or any(matches(line, one["all_of"]) for one in concepts):
            kept.append(line)
    return "\n".join(kept)


def matches(line, patterns):
    """Tell whether a line without its references matches all patterns."""
    said = re.sub(r"<ref.*?(/>|</ref>)", "", line)
    return all(re.search(pattern, said, re.IGNORECASE) for pattern in patterns)


def written(text):
    """Return an entry as bytes."""
    return {"wikitext": np.frombuffer(text.encode(), dtype=np.uint8)}
