"""The jobs: a scenario or an experiment in; tables, figures and a report out, a manifest beside them."""

from simulator.experiments.sweep import load as load_experiment
from simulator.study.adapting import adaptation, evolve, ladder, learn, learning
from simulator.study.answering import (
    experiment,
    experiments,
    freeze,
    learns,
    results_folder,
    tell_answer,
    tell_claims,
)
from simulator.study.comparing import compare, known_rankings, run, trace
from simulator.study.playing import as_played, batch, load_plan, replications, resume, same_procedure
from simulator.study.together import Answered, Manner, answers

__all__ = [
    "Answered",
    "Manner",
    "adaptation",
    "answers",
    "as_played",
    "batch",
    "compare",
    "evolve",
    "experiment",
    "experiments",
    "freeze",
    "known_rankings",
    "ladder",
    "learn",
    "learning",
    "learns",
    "load_experiment",
    "load_plan",
    "replications",
    "results_folder",
    "resume",
    "run",
    "same_procedure",
    "tell_answer",
    "tell_claims",
    "trace",
]
