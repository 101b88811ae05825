"""A sweep's curves as a picture and as a page: drawn without a network, and the page holds all that it needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matcher.errors import JieduiError
from matcher.messages import N_, Message, translator
from matcher.whatif.kinks import number
from matcher.whatif.sweep import Sweep, key_in_words

_FONT = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, SimHei, PingFang SC, sans-serif"
_CURVES = {
    "eligible": N_("eligible"), "fully_served": N_("all their cadres"), "partly_served": N_("some of them"), "unserved": N_("none of them"),
}
_COLOURS = ["#4C78A8", "#3E8E41", "#E0A030", "#C8382E"]
_WIDTH, _HEIGHT, _ROW = 680, 260, 17
_HOUSEHOLDS = N_("households")


def write_charts(work: Path, sweep: Sweep, title: str, language: str) -> None:
    """Write ``sweep.png`` and ``sweep.html``."""
    import vl_convert

    spec = chart(sweep, title, language)
    (work / "sweep.png").write_bytes(vl_convert.vegalite_to_png(spec, scale=2))
    (work / "sweep.html").write_text(vl_convert.vegalite_to_html(spec, bundle=True), "utf-8")


def chart(sweep: Sweep, title: str, language: str) -> dict[str, Any]:
    """Return the chart's Vega-Lite specification: a single key's curves with the townships short of places below, or a grid.

    No text in it can end the script that will hold it: neither altair nor vl-convert escapes them.
    """
    found = _curves(sweep, language) if len(sweep.axes) == 1 else _grid(sweep, language)
    found = found.properties(title=title, usermeta={"embedOptions": {"actions": False}}).configure(font=_FONT)
    return _harmless(found.configure_axis(labelFontSize=12, titleFontSize=12).to_dict())  # type: ignore[no-any-return]


def _harmless(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {_harmless(key): _harmless(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_harmless(value) for value in tree]
    return tree.replace("<", "‹").replace(">", "›") if isinstance(tree, str) else tree


def _named(key: str, language: str) -> str:
    words = key_in_words(key)
    return words.render(language) if isinstance(words, Message) else words


def _curves(sweep: Sweep, language: str) -> Any:
    import altair

    _, axis = translator(language), sweep.axes[0]
    names = [_(curve) for curve in _CURVES.values()]
    rows = [
        {"at": number(p.values[0]), "curve": name, "households": figure}
        for p in sweep.points if not isinstance(p.found, JieduiError)
        for name, figure in zip(names, (p.found.counts[count] for count in _CURVES), strict=True)
    ]
    ends = [number(axis.values[0]), number(axis.values[-1])]
    x = altair.X("at:Q", title=_named(axis.key, language), scale=altair.Scale(domain=ends, nice=False))
    lines = altair.Chart(altair.InlineData(values=rows), width=_WIDTH, height=_HEIGHT).mark_line(point=True).encode(
        x=x, y=altair.Y("households:Q", title=_(_HOUSEHOLDS)),
        color=altair.Color("curve:N", title=None, sort=names, scale=altair.Scale(domain=names, range=_COLOURS)),
        tooltip=["at:Q", "curve:N", "households:Q"],
    )
    spans = _spans(sweep)
    if not spans:
        return lines
    bars = altair.Chart(altair.InlineData(values=spans), width=_WIDTH, height=_ROW * len({s["township"] for s in spans})).encode(
        x=altair.X("start:Q", title=_named(axis.key, language), scale=altair.Scale(domain=ends, nice=False)),
        y=altair.Y("township:N", title=None, sort=list(dict.fromkeys(s["township"] for s in spans))),
    )
    shown = bars.mark_bar(color=_COLOURS[-1], opacity=0.55).encode(x2="end:Q", tooltip=["township:N", "start:Q", "end:Q"])
    text = bars.mark_text(align="right", dx=-4, fontSize=11).encode(text="label:N")
    return altair.vconcat(lines, (shown + text).properties(title=_("Townships short of places, and from where on")))


def _spans(sweep: Sweep) -> list[dict[str, Any]]:
    """Return where each township is short of places: from a kink, or the first value that can be run, to the next or the end."""
    ran = [p for p in sweep.points if not isinstance(p.found, JieduiError)]
    possible = next((k for k in sweep.kinks if k.what == "possible"), None)
    first = possible.from_ if possible else ran[0].values[0]
    last = number(sweep.axes[0].values[-1])
    begun = dict.fromkeys(sweep.starts, (first, ""))  # short from before on: no turning point to name
    spans: list[dict[str, Any]] = []
    for kink in sweep.kinks:
        if kink.what == "runs_out":
            begun[kink.township] = (kink.from_, f"{kink.from_:f}" if kink.exact else f"≤{kink.from_:f}")
        elif kink.what == "suffices":
            start, label = begun.pop(kink.township)
            spans.append({"township": kink.township, "start": number(start), "end": number(kink.from_), "label": label})
    spans += [{"township": t, "start": number(v), "end": last, "label": label} for t, (v, label) in begun.items()]
    return sorted(spans, key=lambda s: (s["start"], s["township"]))


def _grid(sweep: Sweep, language: str) -> Any:
    import altair

    _ = translator(language)
    rows = [
        {"a": number(p.values[0]), "b": number(p.values[1]),
         "lacking": None if isinstance(p.found, JieduiError) else p.found.counts["unmatched"]}
        for p in sweep.points
    ]
    base = altair.Chart(altair.InlineData(values=rows), width={"step": 56}, height={"step": 32}).encode(
        x=altair.X("a:O", title=_named(sweep.axes[0].key, language)),
        y=altair.Y("b:O", title=_named(sweep.axes[1].key, language), sort="descending"),
    )
    tiles = base.mark_rect().encode(color=altair.Color("lacking:Q", title=_("lack cadres"), scale=altair.Scale(scheme="orangered")))
    return tiles + base.mark_text(fontSize=11).encode(text="lacking:Q")
