"""Commented files to start from: a scenario with a market, a regime and a strategy of one's own; a case."""

from __future__ import annotations

import re
from pathlib import Path

from simulator.errors import Problem, ScenarioError
from simulator.spec.case import CASE_NAME
from simulator.spec.yaml import shown

SCENARIO = """\
# A scenario: one market, and the regimes to compare on it.
# Check it with `frandsim validate my-scenario.yaml`, play it with `frandsim compare my-scenario.yaml`.
scenario: my-scenario
schema: 2 # version of the words; `frandsim upgrade` rewrites older files
title: What a court-set rate adds to the European framework
market: my-market # a file beside this one, or a built-in market
regimes: # files beside this one, or built-in regimes: see `frandsim regimes`
  - eu-hvzte-2015
  - my-regime
strategies: # strategies of your own; built-in ones need no mention
  - my_implementer
baseline: eu-hvzte-2015 # the regime the others are compared with
replications: 100
seed: 1
# Parameters laid over every regime and the market, by their name in docs/parameters.md:
set:
  beliefs.spread: {value: 0.3, source: assumption}
"""

MARKET = """\
# A market: one standard, the holders of its patents, the implementers that use it.
# Every number is {value: ..., source: ...}; the source is a citation or the word assumption.
# Numbers left out take the registry's default.
market: my-market
schema: 2
title: Two holders and three implementers
source: assumption (a teaching market)
standard:
  generations: # value shares sum to 1
    - generation: 5G
      aggregate_burden: {value: 0.0434, source: "Oppo v Nokia (Chongqing 2023), lower figure"}
      value_share: {value: 1, source: assumption}
      families: {value: 2000, source: assumption}
  horizon: {value: 120, source: assumption} # months
holders:
  - group: makers
    count: 2
    kind: product_company # or licensing_company
    share: {value: 0.05, source: assumption} # of all families, each
    strategies: {holder_good_faith: 0.5, holder_hold_up: 0.5} # shares sum to 1
implementers:
  - group: brands
    count: 3
    sales: {value: 215, source: assumption} # USD m a month
    margin: {value: 0.2, source: assumption} # of price
    strategies: {implementer_good_faith: 0.5, my_implementer: 0.5}
"""

REGIME = """\
# A regime written as changes to another. Entries merge key by key; `null` takes an inherited entry out;
# numbers, lists and what follows a breach are replaced as wholes. See `frandsim regimes show eu-hvzte-2015`.
regime: my-regime
schema: 2
extends: eu-hvzte-2015
title: The European framework with conciliation and a court that sets the rate
source: assumption (a proposal of your own)
status: proposed # in_force, non_binding, draft, proposed, withdrawn, superseded, control
steps:
  conciliation: # a new step, placed behind an inherited one
    after: rounds
    title: Both sides meet before a conciliator
    phase: adr
    actor: both
    act: conciliate
    deadline: {value: 6, source: assumption} # months
    source: assumption (a proposal of your own)
    if_missed: {go: next}
court:
  mode: both # the court sets the rate, and enjoins the party that does not take it
  injunction: {cap: court_rate}
  interest:
    court: {value: 0.08, source: assumption} # a year
"""

STRATEGY = """\
# A strategy: the conduct and the concessions of one party.
strategy: my_implementer
schema: 2
party: implementer # or holder
title: Slow payer
story: Answers every letter, late, bids low, and signs once the court is near.
source: assumption
anchor: {value: 0.5, source: assumption} # first offer, times its own estimate of the FRAND rate
window: {value: 36, source: assumption} # months until its offer reaches its reservation rate
exponent: {value: 0.4, source: assumption} # 1 concedes evenly, below 1 late
conduct:
  reply_delay: {value: 2, source: assumption} # months before it does a step that is due
  stalls: true
"""

CASE = """\
# A case: what a court took in, how it reckoned, what it printed. An invented one: replace every number.
# Check it with `frandsim validate my-case.yaml`, reckon it with `frandsim rate my-case.yaml`.
# Text in quotes: without them a colon, a comma or a # ends it. Names (inputs, lines, units, methods) without.
# What stands behind a # is a remark. Indent with spaces, as here; [a, b] is a list, of one too: [a].
case: my-case # the name of this file
schema: 2
title: "Holder v Implementer"
court: "Name of the court"
citation: "1/2026"
jurisdiction: "Nowhere"
standard: "4G" # what is licensed, in words
parties: {holder: ["Holder"], implementer: ["Implementer"]} # payer: holder, where the holder pays
dates: {filed: "2024-05", judgment: 2026-01-15} # a month or a year in quotes
status: first_instance # final, first_instance, interim, vacated, appealed, replaced_on_appeal, settled
source: "J1" # where court, citation, dates and status were read; of several: "J1, press"
scope: "worldwide, whole portfolio" # what the licence or award covers
court_method: # the reasoning of the court, in its own words
  approach: top_down # a word of the table in docs/how-to/new-case.md; not_stated, where it was not read
  words: "top-down by counted families"
  source: "J1"
sources: # short name: a document you read; kind is judgment, record, party, commentary or press
  J1: {kind: judgment, cites: "the judgment, and where to find it"}
headline: rate # the line other methods are compared with
inputs: # every number with its unit and its source; what you did not read is an assumption
  burden: {range: [4, 6], unit: percent_of_price, source: "J1: all holders together"}
  own: {value: 12, unit: families, source: "J1: families of the holder"}
  all: {value: 365, unit: families, source: "J1: families of the standard"}
  sales: {unknown: true, between: [1, 100000], unit: usd_million, source: "not public: solved for"}
  bid: {value: 0.05, unit: percent_of_price, source: "assumption: recalled"}
computations: # in order, a line uses those above it; methods and units are listed in docs/rates.md
  aggregate:
    quantity: "burden of all holders together"
    method: stated # put down as printed, nothing reckoned
    arguments: {value: burden} # the name of an input or of a line above, never a number
    published: {printed: "4 to 6", unit: percent_of_price, source: "J1"} # a range has two ends
    role: aggregate # what the printed figure is: award, aggregate, bound, step, offer or check
  middle:
    quantity: "middle of the burden"
    method: midpoint
    arguments: {low: aggregate.printed_low, high: aggregate.printed_high} # a printed figure, used further on
    unit: percent_of_price # nobody printed it: the unit to show it in, and no role
  rate:
    quantity: "rate for the whole portfolio"
    method: top_down
    arguments: {aggregate: middle, own: own, total: all}
    published: {printed: "0.164", unit: percent_of_price, source: "J1"} # quoted: last digit is the tolerance
    role: award
  award:
    quantity: "licence fee"
    method: on_sales
    arguments: {rate: rate, sales: sales}
    published: {printed: "3.3", unit: usd_million, source: "J1"}
    role: award
  offer:
    quantity: "the implementer's offer"
    method: stated
    arguments: {value: bid}
    unit: percent_of_price
    answers: rate # set beside the headline by --methods all
"""

FILES = {
    "my-scenario.yaml": SCENARIO,
    "my-market.yaml": MARKET,
    "my-regime.yaml": REGIME,
    "my_implementer.yaml": STRATEGY,
}
"""What a starter scenario consists of, by file name."""


def _case_files(name: str) -> dict[str, str]:
    if not re.fullmatch(CASE_NAME, name):
        rule = "the folder gives the case its name: lower-case letters, digits and dashes"
        raise ScenarioError(
            Problem("init", None, "", f"got {name}", rule, "frandsim init --case acme-v-bolt")
        )
    return {f"{name}.yaml": CASE.replace("my-case", name)}


def write_starter(folder: Path, case: bool = False) -> list[Path]:
    """Write the starter scenario, or a starter case of the folder's name, into a folder; return its files.

    Raises ``ScenarioError`` where a file of that name exists (nothing is overwritten), or the folder's name
    cannot be a case's.
    """
    if folder.exists() and not folder.is_dir():
        raise ScenarioError(Problem(shown(folder), None, "", "is a file", "name a folder"))
    files = _case_files(folder.resolve().name) if case else FILES
    paths = [folder / name for name in files]
    if taken := [path for path in paths if path.exists()]:
        rule = "nothing is overwritten: name another folder"
        raise ScenarioError(*(Problem(shown(path), None, "", "exists already", rule) for path in taken))
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in zip(paths, files.values(), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths
