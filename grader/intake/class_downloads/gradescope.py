"""Gradescope's export of an assignment: submission_metadata.yml says whose each folder is."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import yaml

from grader.intake.class_downloads.formats import Names
from grader.intake.class_downloads.upload import Student, Upload
from grader.intake.sources import SubmissionError

METADATA = "submission_metadata.yml"
MAX_METADATA = 500 * 2**20  # bytes: it holds the results of all submissions


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads plain data.  Ruby's own types become plain too."""


def plain(loader: Any, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else node.value


Loader.add_multi_constructor("!", plain)


def exported_uploads(names: Names) -> tuple[list[Upload], list[str]]:
    """The uploads, and the names at the top that the metadata do not mention.

    Raises SubmissionError if the metadata can't be read.
    """
    metadata = read_metadata(names)
    uploads = []
    for key, entry in metadata.items():
        upload = Upload(str(key), students_of(entry) or (Student(str(key)),), names.listing, names.below(str(key)))
        upload.submitted = moment_of(entry.get(":created_at"))
        uploads.append(upload)
    known = {METADATA, *map(str, metadata)}
    return uploads, [name for name in (*names.folders, *names.at_top) if name not in known]


def read_metadata(names: Names) -> Mapping[str, Mapping[str, Any]]:
    content = names.listing.read(names.files[METADATA], MAX_METADATA)
    try:
        found = yaml.load(content or b"", Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise SubmissionError(f"{METADATA} can't be read: {error}") from None
    if not isinstance(found, dict) or not all(isinstance(entry, dict) for entry in found.values()):
        raise SubmissionError(f"{METADATA} should hold a table for each submission: export the submissions again.")
    return found


def students_of(entry: Mapping[str, Any]) -> tuple[Student, ...]:
    people = entry.get(":submitters")
    people = [person for person in people if isinstance(person, dict)] if isinstance(people, list) else []
    return tuple(Student(*(str(person.get(key) or "") for key in (":name", ":sid", ":email"))) for person in people)


def moment_of(value: Any) -> datetime | None:
    """A time as YAML gives it; one without a zone is in UTC."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime(value.year, value.month, value.day, tzinfo=UTC) if isinstance(value, date) else None
