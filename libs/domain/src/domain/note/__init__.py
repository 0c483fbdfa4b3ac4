"""Notes: a plain resource, stored and answered at once."""

from common.feature import Feature
from domain.note.seed import seed
from domain.note.service import NOTES

FEATURE = Feature("note", collections=[NOTES], seed=seed)
