import pytest

from web.document import completed


def test_two_models_of_one_name_are_refused() -> None:
    schemas = {"A.Part": {"type": "object"}, "B.Part": {"type": "string"}}
    with pytest.raises(ValueError, match="Part"):
        completed({"components": {"schemas": schemas}, "paths": {}})
