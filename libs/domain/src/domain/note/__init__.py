"""Notes: a plain resource without a job; what a product without a queue begins with."""

from common.feature import Feature
from domain.note.service import NOTES

FEATURE = Feature("note", collections=[NOTES])
