"""A feature is found by its folder, and what it declares wrongly raises with its name."""

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import BaseModel

from common.feature import Feature, FeatureError, features_of, sections
from common.mongo import CollectionSpec

HEAD = "from common.feature import Feature\nfrom common.mongo import CollectionSpec\nfrom pydantic import BaseModel\n"

Product = Callable[..., ModuleType]


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Product:
    """Makes a package whose features have the given texts in their `__init__.py`."""

    def make(**features: str) -> ModuleType:
        package = tmp_path / "product_of_test"
        for folder, text in {"": "", **features}.items():
            (package / folder).mkdir(parents=True)
            (package / folder / "__init__.py").write_text(HEAD + text)
        monkeypatch.syspath_prepend(tmp_path)
        for name in [name for name in sys.modules if name.startswith("product_of_test")]:
            monkeypatch.delitem(sys.modules, name)
        return import_module("product_of_test")

    return make


def test_features_are_found_in_the_order_of_their_names(product: Product) -> None:
    declared = product(order='FEATURE = Feature("order")', invoice='FEATURE = Feature("invoice")')
    assert [feature.name for feature in features_of(declared)] == ["invoice", "order"]


def test_their_settings_are_sections(product: Product) -> None:
    class OrderSettings(BaseModel):
        order_limit: int = 3

    assert sections([Feature("invoice"), Feature("order", settings=OrderSettings)]) == (OrderSettings,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "FEATURE is nothing"),
        ("FEATURE = None", "FEATURE is nothing"),
        ('FEATURE = {"name": "order"}', "FEATURE is {'name': 'order'}"),
        ('FEATURE = Feature("orders")', "its FEATURE is called 'orders'"),
        ('FEATURE = Feature("order", settings=dict)', "settings is <class 'dict'>"),
        ('FEATURE = Feature("order", settings="OrderSettings")', "settings is 'OrderSettings'"),
        ('FEATURE = Feature("order", collections=["orders"])', "collections holds 'orders'"),
        ('FEATURE = Feature("order", collections="orders")', "collections holds 'o'"),
        ('FEATURE = Feature("order", seed=[1])', r"seed is \[1\]"),
    ],
)
def test_what_is_declared_wrongly_names_itself(product: Product, text: str, message: str) -> None:
    with pytest.raises(FeatureError, match=f"^order: {message}"):
        features_of(product(invoice='FEATURE = Feature("invoice")', order=text))


def test_a_setting_that_does_not_bear_the_features_name_is_refused() -> None:
    class OrderSettings(BaseModel):
        order_limit: int = 3
        limit: int = 3

    with pytest.raises(FeatureError, match=r"^order: the setting limit has to begin with order_"):
        Feature("order", settings=OrderSettings)


def test_a_feature_cannot_have_the_collection_of_the_migrations(product: Product) -> None:
    declared = product(order='FEATURE = Feature("order", collections=[CollectionSpec("migrations")])')
    with pytest.raises(FeatureError, match=r"^order: the collection 'migrations' belongs to the plumbing"):
        features_of(declared)


def test_two_features_cannot_have_one_collection(product: Product) -> None:
    orders = 'collections=[CollectionSpec("orders")])'
    declared = product(invoice=f'FEATURE = Feature("invoice", {orders}', order=f'FEATURE = Feature("order", {orders}')
    with pytest.raises(FeatureError, match=r"^order: the collection 'orders' belongs to invoice"):
        features_of(declared)


def test_a_folder_without_its_init_does_not_go_missing_in_silence(product: Product, tmp_path: Path) -> None:
    declared = product(order='FEATURE = Feature("order")')
    (tmp_path / "product_of_test" / "invoice").mkdir()
    (tmp_path / "product_of_test" / "invoice" / "__jnit__.py").touch()
    with pytest.raises(ImportError, match=r"invoice has no __init__\.py"):
        features_of(declared)


def test_a_feature_declares_its_collections() -> None:
    orders = CollectionSpec("orders")
    assert Feature("order", collections=[orders]).collections == [orders]
