// Draws the line charts of the data page with uPlot, with values under the pointer or the arrow keys.
(() => {
  "use strict";
  const DAY = 86_400;
  const FEW = 3;
  const number = (value) => value.toLocaleString("en-US");
  const day = (label, options) => new Date(`${label}T00:00:00Z`).toLocaleDateString("en-GB", { timeZone: "UTC", ...options });
  const isDay = (label) => /^\d{4}-\d{2}-\d{2}$/.test(label);
  const long = (label) => (isDay(label) ? day(label, { weekday: "short", day: "numeric", month: "short", year: "numeric" }) : label);
  const short = (label) => (isDay(label) ? day(label, { day: "numeric", month: "short" }) : label);

  const read = (element) => {
    const { unit, days } = JSON.parse(element.dataset.series);
    const dated = days.every(([label]) => isDay(label));
    const xs = days.map(([label], index) => (dated ? Date.parse(`${label}T00:00:00Z`) / 1000 : index));
    const complete = days.map(([, figure, note]) => (note ? null : figure));
    const open = days.map(([, figure, note], index) => (note || days[index - 1]?.[2] || days[index + 1]?.[2] ? figure : null));
    const alone = days.map(([, figure, note]) => (note ? figure : null));
    const before = days.map(([, , , earlier]) => (earlier ? earlier[1] : null));
    return { unit, days, dated, xs, complete, open, alone, before, compared: before.some((one) => one !== null) };
  };

  const says = ({ unit, days }, index) => {
    const [label, figure, note, before] = days[index];
    const lines = [`${long(label)}: ${number(figure)} ${unit}${note ? ` (${note})` : ""}`];
    if (before) lines.push(`${long(before[0])}: ${number(before[1])} ${unit}`);
    return lines;
  };

  const draw = (element) => {
    const chart = read(element);
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const few = chart.xs.length <= FEW;
    const paths = few ? uPlot.paths.bars({ size: [0.5, 96] }) : uPlot.paths.linear();
    const font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const axis = { stroke: colour("muted"), font, ticks: { show: false } };
    const points = { show: !few && chart.xs.length <= 40, size: 5 };
    const tip = document.createElement("p");
    tip.className = "tip";
    tip.hidden = true;

    const show = (plot) => {
      const index = plot.cursor.idx;
      tip.hidden = index === null || index === undefined;
      if (tip.hidden) return;
      tip.replaceChildren(...says(chart, index).map((line) => Object.assign(document.createElement("span"), { textContent: line })));
      const left = plot.valToPos(chart.xs[index], "x");
      const width = plot.over.clientWidth;
      tip.style.left = `${Math.min(Math.max(left - tip.offsetWidth / 2, 0), Math.max(width - tip.offsetWidth, 0))}px`;
    };

    const plot = new uPlot({
      width: element.clientWidth,
      height: 240,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: !few } },
      scales: {
        x: { time: false, range: (_, low, high) => (few ? [low - (chart.dated ? DAY : 1), high + (chart.dated ? DAY : 1)] : [low, high]) },
        y: { range: (_, __, high) => [0, Math.max(1, high * 1.1)] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          space: 64,
          size: 28,
          incrs: chart.dated ? [1, 2, 7, 14, 28, 56, 91].map((days) => days * DAY) : [1, 2, 5, 10, 20, 50, 100],
          values: (_, splits) => splits.map((split) => {
            const index = chart.xs.indexOf(split);
            return index < 0 ? "" : short(chart.days[index][0]);
          }),
        },
        { ...axis, size: 56, grid: { stroke: colour("line"), width: 1 }, values: (_, splits) => splits.map(number) },
      ],
      series: [
        {},
        { show: chart.compared, stroke: colour("edge"), width: 1.5, dash: [3, 4], points: { show: false } },
        { stroke: colour("accent"), width: 2, fill: few ? colour("accent") : colour("tint"), paths, points },
        { stroke: colour("accent"), width: few ? 1 : 2, dash: [6, 5], fill: colour("tint"), paths, points: { show: false } },
      ],
      hooks: { setCursor: [show] },
    }, [chart.xs, chart.before, chart.complete, few ? chart.alone : chart.open], element);
    plot.over.append(tip);
    return plot;
  };

  const drawn = new Map();
  const redraw = (element) => {
    drawn.get(element)?.destroy();
    drawn.set(element, draw(element));
  };
  const watch = new ResizeObserver((entries) => entries.forEach(({ target, contentRect }) => {
    if (contentRect.width !== drawn.get(target)?.width) redraw(target);
  }));

  const prepare = () => {
    for (const [element, plot] of drawn) {
      if (element.isConnected) continue;
      watch.unobserve(element);
      plot.destroy();
      drawn.delete(element);
    }
    for (const element of document.querySelectorAll("[data-series]")) {
      if (!drawn.has(element)) watch.observe(element);
    }
  };

  document.addEventListener("keydown", (event) => {
    const element = event.target.closest?.("[data-series]");
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!element || !step) return;
    event.preventDefault();
    const plot = drawn.get(element);
    const chart = read(element);
    const index = Math.min(Math.max((plot.cursor.idx ?? (step < 0 ? chart.xs.length : -1)) + step, 0), chart.xs.length - 1);
    plot.setCursor({ left: plot.valToPos(chart.xs[index], "x"), top: 1 });
    document.getElementById("announce").textContent = says(chart, index).join("; ");
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.querySelectorAll("[data-series]").forEach(redraw));
  document.addEventListener("htmx:afterSettle", prepare);
  prepare();
})();
