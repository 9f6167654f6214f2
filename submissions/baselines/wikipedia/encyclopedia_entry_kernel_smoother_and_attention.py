"""Kernel smoothers and attention: of a draft what is asked for."""

from submissions.baselines.wikipedia.encyclopedia_entry import pruned, written

DIVISION = "kernel_smoother_and_attention"

DRAFT = r"""
'''Kernel smoothing''' is a method of [[nonparametric regression]] that predicts with an average of what was observed close by.
The '''attention''' mechanism of [[neural network (machine learning)|neural networks]] has the same form.
In both a set of weights is computed from [[similarity measure|similarities]] and divided by its sum, and then a [[weighted arithmetic mean|weighted mean]] is taken, which is what makes [[attention (machine learning)|attention]] a smoother in the sense of [[statistics]].<ref name="d">{{cite arXiv |title=Dive into Deep Learning |year=2023 |eprint=2106.11342}}</ref>

== Smoothing ==
The estimator was proposed by Nadaraya and by Watson in the same year.<ref name="n">{{cite journal |title=On Estimating Regression |year=1964 |doi=10.1137/1109020}}</ref>
Each observation has a weight that falls with its distance from the point in question.
The width of the kernel is a compromise, since a small one has a large variance and a large one has a large bias.
It can be found by cross-validation on the points that are left out.
: <math>\operatorname{Var}(\hat f) \ge \sigma^2 / n</math> <!-- claim:variance -->
In spaces of many dimensions the method needs exponentially many points.
At the edge of the data a local linear fit does better.

== Attention in networks ==
For each query the scores of all keys are computed and put through a softmax.<ref name="v">{{cite arXiv |title=Attention Is All You Need |year=2017 |eprint=1706.03762}}</ref>
The scores are scaled by the root of the dimension of the keys.
: <math>w \le \frac{1}{1 + (n-1) e^{-2B}}</math> <!-- claim:largest -->
In a causal model a mask leaves only the earlier positions.
A layer has many heads that attend to different things.
Because attention is blind to order the position has to be told to it.

== Comparison ==
The exponential of a product of query and key is a kernel, and attention is its smoother.<ref name="t">{{cite arXiv |title=Transformer Dissection: A Unified Understanding of Transformer's Attention via the Lens of Kernel |year=2019 |eprint=1908.11775}}</ref>
It is the Gaussian one if the keys are of equal length.
The length of a query does not matter because it cancels between numerator and denominator.
A temperature takes the role of the bandwidth.
As the temperature goes to zero the smoother becomes the nearest neighbour rule.
Unlike a classical kernel the one of attention is learned from data.
It is in general not symmetric in query and key.

== Complexity ==
The cost of all pairs is quadratic in the length of the sequence.<ref name="k">{{cite arXiv |title=Transformers are RNNs: Fast Autoregressive Transformers with Linear Attention |year=2020 |eprint=2006.16236}}</ref>
With a feature map it becomes linear, and random features give such a map.
Other methods keep only a local window of keys.

== References ==
{{reflist}}

[[Category:Machine learning]]
"""


def fit(train, context):
    """Return what is left of the draft."""
    return written(pruned(DRAFT, context.facts["concepts"]))
