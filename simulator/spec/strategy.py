"""A strategy: conduct and concessions of one party as data over shared rules."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from simulator.spec.base import Quantity, Spec, Words
from simulator.spec.regime import ActWord, DisclosureWord
from simulator.spec.schema import described
from simulator.vocabulary import Tactic

TacticWord = Annotated[Tactic, Words(Tactic)]


class Conduct(Spec):
    """What the party does with the steps a regime asks of it."""

    reply_delay: Quantity = Field(description="months it lets pass before it does a step that is due")
    refuses: tuple[ActWord, ...] = Field(default=(), description="acts it never performs")
    withholds: tuple[DisclosureWord, ...] = Field(default=(), description="documents it keeps back")
    forthcoming: bool = Field(default=False, description="adds what a step merely permits")
    initiates: bool = Field(default=False, description="opens talks where the regime lets either side do so")
    threatens: bool = Field(default=False, description="repeats threats of suits and injunctions")
    stalls: bool = Field(default=False, description="answers repeatedly without substance")
    demands: Literal["nothing", "validity_first", "third_party_terms", "publication"] = "nothing"
    refuses_confidentiality: bool = False
    hinders_advisers: bool = Field(
        default=False, description="forbids that suppliers or advisers see its charts, which then say nothing"
    )
    justifies: bool = Field(default=True, description="gives reasons for an offer far from its peers'")


class Strategy(Spec):
    """A row of parameters over the shared rules; numbers left out take the registry's default."""

    model_config = ConfigDict(json_schema_extra=described)

    strategy: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="identifier, the file's name")
    party: Literal["holder", "implementer"]
    title: str = Field(min_length=3)
    story: str = Field(min_length=10, description="who behaves like this")
    source: str = Field(min_length=3)
    tactic: TacticWord = Tactic.TIME
    anchor: Quantity = Field(description="first offer as a multiple of its own estimate of the FRAND rate")
    window: Quantity | None = Field(
        default=None, description="K: months until its offer reaches its reservation rate"
    )
    exponent: Quantity | None = Field(
        default=None, description="e: concession exponent (1 linear, below 1 late)"
    )
    sue_after: Quantity | None = Field(
        default=None, description="K_s: months of talks after which it goes to court"
    )
    patience: Quantity | None = Field(
        default=None, description="months it waits for late performance before a breach sends it to court"
    )
    goodwill: Quantity | None = Field(
        default=None, description="gamma: what it pays of its own estimate unthreatened"
    )
    floor: Quantity | None = Field(
        default=None, description="phi_0: lowest licence it signs, share of its own estimate"
    )
    ambush: Quantity | None = Field(
        default=None, description="months it lets pass after first use before notice"
    )
    over_declaration: Quantity | None = Field(
        default=None, description="declared families per essential one, relative to the market's mean"
    )
    waits_for_peers: Quantity | None = Field(
        default=None, description="chi: will not answer while fewer than this share of its peers is licensed"
    )
    tailors: Quantity | None = Field(
        default=None, description="elasticity of its first ask in the licensee's margin over the mean one"
    )
    ties: Quantity | None = Field(
        default=None,
        description="all or nothing: what it asks for patents it ties in that are not essential, beyond what "
        "they are worth to the licensee, share of its estimate",
    )
    walks_after: Quantity | None = Field(
        default=None,
        description="months on its clock after which it leaves the talks for good, without a suit; 0: never",
    )
    threat_from: Quantity | None = Field(
        default=None, description="threatens only: months from first contact to its first threat of suit"
    )
    threat_every: Quantity | None = Field(
        default=None, description="threatens only: months from one threat to the next; 0: it threatens once"
    )
    threat_grace: Quantity | None = Field(
        default=None, description="threatens only: months after which it said it would sue"
    )
    turns: Literal["random", "alternate"] = Field(
        default="random",
        description="rational only: who proposes (random with the bargaining weight, or in turn)",
    )
    conduct: Conduct
