"""Durable jobs: MongoDB is the truth, the broker only notifies workers that there is work.

A durable job is a document that carries its own `job` field, so accepting it is one insert. A message may be lost or
delivered five times: the worker claims the document, works, and finishes with one conditional update that writes the
effect and `done` together. docs/jobs.md tells the states and the guarantees.
"""
