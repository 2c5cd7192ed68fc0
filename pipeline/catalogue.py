"""Which model translates which language in a run."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from pipeline import hub
from pipeline.engines import ct2, folders
from pipeline.engines.deferred import Deferred
from pipeline.engines.ports import Translator
from pipeline.errors import ModelError
from pipeline.manifests import Manifest
from pipeline.shelf import Opener, Say, Shelf, cannot_fetch, shelf, state


@dataclass(frozen=True, slots=True)
class Used:
    """What a run notes down of a model that it used."""

    lang: str
    name: str
    revision: str
    identity: str
    licence: str
    quality: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Translators by language; `others` are second ones to ask when a check fails.

    `reasons` says for every language without a translator why it has none; `chosen` is a line for people.
    """

    translators: Mapping[str, Translator] = field(default_factory=dict)
    others: Mapping[str, Translator] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    used: tuple[Used, ...] = ()
    chosen: str = ""


def choose(
    engine: str,
    langs: Collection[str],
    *,
    offline: bool,
    device: ct2.Device,
    threads: int,
    say: Say,
    on: Shelf | None = None,
) -> Choice:
    """Return the translators that an `--engine` means for the languages; English needs none.

    `auto` takes for each language the first that works of: a model of the catalogue on this machine, one that
    can be fetched, the embedded one, none. It decides within two seconds without a network. Everything else
    is taken at its word: ModelError says what is missing, and which command fetches it.
    """
    wanted = [lang for lang in sorted(set(langs)) if lang != "en"]
    if engine == "none":
        reasons = dict.fromkeys(wanted, "--engine none")
        return Choice(reasons=reasons, chosen="none: versions are aligned, not translated")
    opener = Opener(on or shelf(), ct2.Hardware(device, threads), offline, say)
    if engine == "auto":
        return _automatic(opener, wanted)
    named = [
        m for m in opener.shelf.manifests.values() if m.kind == "translator" and engine in (m.name, m.group)
    ]
    if named:
        return _named(opener, engine, named, wanted)
    if not Path(engine).is_dir():
        names = dict.fromkeys(m.group for m in opener.shelf.manifests.values() if m.kind == "translator")
        raise ModelError(f"--engine {engine}: no such folder, and none of auto, none, {', '.join(names)}")
    return _folder(opener, Path(engine), wanted)


def _automatic(opener: Opener, langs: Sequence[str]) -> Choice:
    candidates = [m for m in opener.shelf.manifests.values() if m.kind == "translator"]
    hosted = [m for m in candidates if m.hub]
    here = [m for m in hosted if state(opener.shelf, m) != "absent"]
    included = [m for m in candidates if not m.hub and state(opener.shelf, m) == "included"]
    covered = {lang for m in here for lang in m.languages}
    why = "--offline; with a network: synoptic models fetch opus-mt" if opener.offline else ""
    if not why and not covered.issuperset(langs):
        why = cannot_fetch() or hub.reachable(opener.shelf.address)
    # what forbids commercial use is not fetched unasked
    free = [m for m in hosted if not why and m not in here and "NC" not in m.licence]
    found: dict[str, Translator] = {}
    others: dict[str, Translator] = {}
    reasons: dict[str, str] = {}
    used: list[Used] = []
    for lang in langs:
        reasons[lang] = "; ".join(filter(None, ["no translation model on this machine", why]))
        able = [m for m in [*here, *free, *included] if lang in m.languages]
        for at, manifest in enumerate(able):
            try:
                found[lang] = opener.translator(manifest, lang)
            except ModelError as error:
                reasons[lang] = str(error)
                opener.say_once(f"{error}; going on without it")
                continue
            del reasons[lang]
            used.append(_used(manifest, found[lang]))
            ready = (m for m in able[at + 1 :] if state(opener.shelf, m) in ("converted", "included"))
            if (second := next(ready, None)) is not None:
                others[lang] = Deferred(second.name, lang, partial(opener.translator, second, lang))
            break
    return Choice(found, others, reasons, tuple(used), _line(found, reasons))


def _named(opener: Opener, engine: str, candidates: Sequence[Manifest], langs: Sequence[str]) -> Choice:
    found: dict[str, Translator] = {}
    used: list[Used] = []
    for lang in langs:
        able = [m for m in candidates if lang in m.languages]
        if not able:
            raise ModelError(f"--engine {engine}: has no model for {lang}")
        able.sort(key=lambda m: state(opener.shelf, m) == "absent")  # what is here before what is not
        failed: ModelError | None = None
        for manifest in able:
            try:
                found[lang] = opener.translator(manifest, lang)
                used.append(_used(manifest, found[lang]))
                break
            except ModelError as error:
                failed = failed or error
        if lang not in found and failed is not None:
            raise failed
    return Choice(found, {}, {}, tuple(used), _line(found, {}))


def _folder(opener: Opener, path: Path, langs: Sequence[str]) -> Choice:
    """A folder is a model, or holds one folder a model."""
    whole = (path / "config.json").is_file() or (path / "model.bin").is_file()
    paths = [path] if whole else sorted(one.parent for one in path.glob("*/config.json"))
    opened = [opener.converted_folder(folders.looked_at(one)) for one in paths or [path]]
    for one in opened:
        if one.family == "marian" and not one.langs:
            raise ModelError(
                f"{one.path}: does not say its source language: expected source_lang in "
                f"tokenizer_config.json, or a name such as {one.path.name}-it-en"
            )
    found: dict[str, Translator] = {}
    reasons: dict[str, str] = {}
    used: list[Used] = []
    for lang in langs:
        able = next((one for one in opened if not one.langs or lang in one.langs), None)
        if able is None:
            reasons[lang] = f"{path}: has no model for {lang}"
            continue
        found[lang] = folders.translator(opener.load(able), lang, name=able.path.name)
        used.append(Used(lang, able.path.name, "", opener.load(able).identity, ""))
    if langs and not found:
        raise ModelError(next(iter(reasons.values())))
    return Choice(found, {}, reasons, tuple(used), _line(found, reasons))


def _used(manifest: Manifest, translator: Translator) -> Used:
    return Used(
        translator.lang,
        manifest.name,
        manifest.revision,
        translator.signature.split()[0],
        manifest.licence,
        manifest.languages[translator.lang].quality,
    )


def _line(found: Mapping[str, Translator], reasons: Mapping[str, str]) -> str:
    """Return one line that says what translates what, and why something is not translated."""
    by_model: dict[str, list[str]] = {}
    for lang, translator in found.items():
        by_model.setdefault(translator.name, []).append(lang)
    parts = [f"{name} ({', '.join(langs)})" for name, langs in by_model.items()]
    if reasons:
        why = dict.fromkeys(reason for reason in reasons.values())
        parts.append(f"none ({', '.join(reasons)}: {'; '.join(why)})")
    return "; ".join(parts) or "none needed"
