"""What an update changes in the team's own files, where a merge cannot: `NNNN_name.py` with `run(root: Path) -> None`.

A step runs once in each product, in the update that brings its file, after the merge.
"""
