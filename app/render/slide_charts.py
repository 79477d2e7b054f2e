"""A plot as a native chart of PowerPoint. Imported late, since it imports python-pptx."""

import datetime as dt
import math
from typing import Any

from lxml import etree
from pptx.chart.chart import Chart
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.oxml.ns import qn
from pptx.slide import Slide as Page
from pptx.util import Pt

from app.render import slide_boxes as boxes
from app.render.cells import Cell, Number, Sheet
from app.render.charts import MOST_DOTS, SERIES_COLOURS, excel_format, is_marked, scale_of, values_of
from app.render.document import Plot
from app.render.measure import width
from app.render.slide_boxes import PlotBox
from app.render.spreadsheet import to_xlsx

_TYPES = {"line": XL_CHART_TYPE.LINE_MARKERS, "bar": XL_CHART_TYPE.COLUMN_CLUSTERED}
_FONT = 11
_MUTED, _RULE = RGBColor(0x5C, 0x63, 0x6B), RGBColor(0xE2, 0xE2, 0xDD)
_SHEET = "Sheet1"  # to which the chart that python-pptx writes refers


def draw_chart(page: Page, box: PlotBox, created: dt.datetime) -> None:
    """The chart, with its numbers in a workbook that PowerPoint opens to edit them."""
    plot = box.plot
    data = CategoryChartData(number_format=excel_format(values_of(plot), plot.unit))
    data.categories = plot.labels
    for series in plot.series:
        data.add_series(series.label, series.values)
    frame = page.shapes.add_chart(_TYPES[plot.form], Pt(boxes.LEFT), Pt(box.top), Pt(boxes.ROOM), Pt(box.height), data)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", plot.title)
    chart = frame.chart
    chart.part.chart_workbook.update_from_xlsx_blob(_workbook(plot, created))
    _style(chart, plot)


def _workbook(plot: Plot, created: dt.datetime) -> bytes:
    """Our own in the place of python-pptx's, in which a label that begins like a formula is one."""
    rows: list[tuple[Cell, ...]] = []
    for place, label in enumerate(plot.labels):
        values = (series.values[place] for series in plot.series)
        rows.append((label, *("" if value is None else Number(value, plot.unit) for value in values)))
    return to_xlsx([Sheet(_SHEET, ("", *(series.label for series in plot.series)), tuple(rows))], created)


def _style(chart: Chart, plot: Plot) -> None:
    chart.has_title = False
    chart.font.size, chart.font.color.rgb = Pt(_FONT), _MUTED
    chart.has_legend = len(plot.series) > 1
    if chart.legend is not None:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    _axes(chart, plot)
    drawn = chart.plots[0]
    if plot.form == "bar":
        drawn.gap_width, drawn.overlap = 60, -5
    for series, colour in zip(drawn.series, SERIES_COLOURS, strict=False):
        _colour(series, RGBColor.from_string(colour), plot.form)
    if is_marked(plot):
        drawn.has_data_labels = True
        labels = drawn.data_labels
        labels.number_format, labels.number_format_is_linked = excel_format(values_of(plot), plot.unit), False
        labels.font.size, labels.show_value = Pt(_FONT - 1), True
        labels.position = XL_LABEL_POSITION.OUTSIDE_END if plot.form == "bar" else XL_LABEL_POSITION.ABOVE


def _axes(chart: Chart, plot: Plot) -> None:
    scale = scale_of(plot)
    values, labels = chart.value_axis, chart.category_axis
    values.minimum_scale, values.maximum_scale, values.major_unit = scale.low, scale.high, scale.step
    values.tick_labels.number_format = excel_format(scale.ticks, plot.unit)
    values.tick_labels.number_format_is_linked = False
    values.major_gridlines.format.line.color.rgb = _RULE
    values.format.line.fill.background()
    values.major_tick_mark = labels.major_tick_mark = XL_TICK_MARK.NONE
    labels.format.line.color.rgb = _RULE
    labels.has_major_gridlines = False
    labels.tick_labels.offset, labels.tick_label_position = 50, XL_TICK_LABEL_POSITION.LOW
    room = boxes.ROOM * 0.9 / max(width(label, _FONT) + 6 for label in plot.labels)
    if room < len(plot.labels):
        _skip(labels, math.ceil(len(plot.labels) / max(room, 1)))


def _skip(axis: Any, every: int) -> None:
    """Write every so-manieth label only, where there is no room for each."""
    element = axis._element
    following = element.find(qn("c:noMultiLvlLbl"))
    for tag in ("c:tickLblSkip", "c:tickMarkSkip"):
        made = etree.Element(qn(tag), val=str(every))
        if following is None:
            element.append(made)
        else:
            following.addprevious(made)


def _colour(series: Any, colour: RGBColor, form: str) -> None:
    if form == "bar":
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = colour
        series.invert_if_negative = False
        return
    series.smooth = False
    series.format.line.color.rgb, series.format.line.width = colour, Pt(2.25)
    if len(series.values) > MOST_DOTS:
        series.marker.style = XL_MARKER_STYLE.NONE
        return
    series.marker.style, series.marker.size = XL_MARKER_STYLE.CIRCLE, 6
    series.marker.format.fill.solid()
    series.marker.format.fill.fore_color.rgb = colour
    series.marker.format.line.color.rgb = colour
