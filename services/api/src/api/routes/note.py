"""Notes over HTTP: a plain resource, stored and answered at once."""

from apiflask import APIBlueprint
from apiflask.schemas import EmptySchema

from common.paging import Page, PageQuery
from domain.note import service
from domain.note.model import Note, NoteChange, NoteCreate
from web.context import database, owner, pages
from web.resources import UNAVAILABLE, IdPath
from web.versions import CHANGED, CREATED, SHOWN, IfMatchHeaders, created, shown, wanted_versions

bp = APIBlueprint(
    "note", __name__, url_prefix="/api/v1/notes", tag={"name": "note", "description": "Texts with a title."}
)

Answer = tuple[Note, int, dict[str, str]]


@bp.post("")
@bp.input(NoteCreate, arg_name="body", example={"title": "Shopping", "text": "Bread and butter"})
@bp.output(Note, status_code=201)
@bp.doc(operation_id="createNote", responses=CREATED | UNAVAILABLE)
def create_note(body: NoteCreate) -> Answer:
    """Write a note."""
    return created(service.create(database(), body, owner=owner()), "note.get_note")


@bp.get("")
@bp.input(PageQuery, location="query", arg_name="query")
@bp.output(Page[Note])
@bp.doc(operation_id="listNotes", responses=UNAVAILABLE)
def list_notes(query: PageQuery) -> Page[Note]:
    """List the notes, the newest first."""
    return service.page(database(), pages(), query, owner=owner())


@bp.get("/<id>")
@bp.input(IdPath, location="path", arg_name="path")
@bp.output(Note)
@bp.doc(operation_id="getNote", responses=SHOWN | UNAVAILABLE)
def get_note(path: IdPath, **_: str) -> Answer:
    """Show a note."""
    return shown(service.get(database(), path.id, owner=owner()))


@bp.patch("/<id>")
@bp.input(IdPath, location="path", arg_name="path")
@bp.input(IfMatchHeaders, location="headers", arg_name="headers")
@bp.input(NoteChange, arg_name="body", example={"text": "Bread, butter and jam"})
@bp.output(Note)
@bp.doc(operation_id="changeNote", responses=SHOWN | CHANGED | UNAVAILABLE)
def change_note(path: IdPath, headers: IfMatchHeaders, body: NoteChange, **_: str) -> Answer:
    """Change a note.

    Only the version that `If-Match` names is changed, so no change of another client is overwritten.
    """
    return shown(service.change(database(), path.id, body, wanted_versions(headers), owner=owner()))


@bp.delete("/<id>")
@bp.input(IdPath, location="path", arg_name="path")
@bp.output(EmptySchema, status_code=204)
@bp.doc(operation_id="deleteNote", responses=UNAVAILABLE)
def delete_note(path: IdPath, **_: str) -> str:
    """Remove a note."""
    service.delete(database(), path.id, owner=owner())
    return ""
