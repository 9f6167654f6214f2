"""GPT-2 and the text it reads: WikiText-2, from the hub; size `full` alone needs them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from transformers import AutoTokenizer, GPT2LMHeadModel

from harness.vocabulary import Refused
from tasks._data.pinned import hub

GPT2: str | Path = "openai-community/gpt2"
GPT2_REVISION = "607a30d783dfa663caf39e06633721c8d4cfcd7e"
"""Of the hub's repository, as remembered: it could not be looked up without a network."""
WIKITEXT: str | Path = "Salesforce/wikitext"
WIKITEXT_REVISION: str | None = "b08601e04326c79dfdd32d625aee71d232d685c3"
"""As remembered, too."""
CONFIG = "wikitext-2-raw-v1"


def gpt2(length: int, online: bool = False) -> tuple[GPT2LMHeadModel, np.ndarray]:
    """Return GPT-2 and the validation text in pieces of as many tokens, int64 (n, length).

    Raises
    ------
    Refused
        They are not on this machine and nothing may be sent over the network.
    """
    online = online or os.environ.get("HARNESS_ONLINE") == "1"
    revision = {} if isinstance(GPT2, Path) else {"revision": GPT2_REVISION}
    try:
        told = {**revision, "local_files_only": not online}
        model = GPT2LMHeadModel.from_pretrained(str(GPT2), **told)
        tokenizer = AutoTokenizer.from_pretrained(str(GPT2), **told)
    except OSError as error:
        raise Refused(
            f"size full needs the hub model {GPT2} at revision {GPT2_REVISION}; "
            "run with --online, or use --size standard."
        ) from error
    lines = hub(
        WIKITEXT,
        revision=WIKITEXT_REVISION,
        split="validation",
        config=CONFIG,
        columns=("text",),
        online=online,
    ).arrays["text"]
    tokens = np.array(tokenizer("".join(lines))["input_ids"], np.int64)
    n = len(tokens) // length
    return model.eval().requires_grad_(False), tokens[: n * length].reshape(n, length)
