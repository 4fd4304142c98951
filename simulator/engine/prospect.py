"""What a party expects of a court besides the rate, and what a court can say."""

from __future__ import annotations

from typing import NamedTuple

from simulator.vocabulary import Judgment

NO_JUDGMENT, RATE_SET, GRANTED = int(Judgment.NONE), int(Judgment.RATE_SET), int(Judgment.GRANTED)
DENIED, LOST, REFUSED = int(Judgment.DENIED), int(Judgment.LOST), int(Judgment.REFUSED)


class Prospect(NamedTuple):
    """What both sides expect of a judgment to come; sales it is counted on are in the outlook."""

    past: float  # past use that is due, USD m
    uplift: float  # factor on the rate for fault
    damages: float  # antitrust damages that the holder pays, USD m
    injunction: float  # probability of an injunction where one is weighed
    rate: float  # probability that an adaptive court sets a rate
