"""What a party expects of a court besides the rate, and what a court can say."""

from __future__ import annotations

from typing import NamedTuple

from simulator.vocabulary import Verdict

NO_VERDICT, RATE_SET, GRANTED = int(Verdict.NONE), int(Verdict.RATE_SET), int(Verdict.GRANTED)
DENIED, LOST, REFUSED = int(Verdict.DENIED), int(Verdict.LOST), int(Verdict.REFUSED)


class Prospect(NamedTuple):
    """What both sides expect of a judgment to come; sales it is counted on are in the outlook."""

    past: float  # past use that is due, USD m
    uplift: float  # factor on the rate for fault
    damages: float  # antitrust damages that the holder pays, USD m
    injunction: float  # probability of an injunction where one is weighed
    rate: float  # probability that an adaptive court sets a rate
