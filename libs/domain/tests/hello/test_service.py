from domain.hello.service import greet


def test_it_says_hello() -> None:
    assert greet().model_dump() == {"message": "hello"}
