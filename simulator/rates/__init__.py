"""How courts set FRAND rates: one method a file, each a pure function of plain numbers.

The court agent of the engine and the recomputation of real judgments (``scenarios/cases/``) call the same
functions.  Rates are fractions of net selling price or money per unit; a method keeps the kind it is given.

S1, S2 and S3 are the articles that ``docs/rates.md`` lists under its sources.
"""
