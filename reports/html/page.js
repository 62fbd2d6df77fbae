"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  root.classList.add("on");
  const $ = id => document.getElementById(id);
  const color = name => getComputedStyle(root).getPropertyValue("--" + name).trim();
  const faded = (c, percent) => c + Math.round(percent * 2.55).toString(16).padStart(2, "0"); // of #rrggbb

  // Numbers and times as in the tables.
  const short = v => v == null ? "–" : v >= 99.95 ? Math.round(v).toLocaleString("en").replaceAll(",", " ")
    : v >= 9.995 ? v.toFixed(1) : v === 0 ? "0" : v.toFixed(2);
  const tick = v => v >= 1000 ? Math.round(v).toLocaleString("en").replaceAll(",", " ") : String(+v.toPrecision(6));
  const whole = v => v == null ? "–" : tick(v);
  const two = n => String(n).padStart(2, "0");
  const clock = s => { s = Math.floor(s); const h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
    return h ? `${h}:${two(m)}:${two(s % 60)}` : `${two(m)}:${two(s % 60)}`; };

  // Sorting: a click on a heading sorts the body of its table, the foot stays.
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((th, i) => {
      if (!th.textContent) return;
      const button = document.createElement("button");
      button.append(...th.childNodes);
      th.append(button);
      button.addEventListener("click", () => {
        const down = th.getAttribute("aria-sort") === "descending" || !th.classList.contains("n") && th.getAttribute("aria-sort") !== "ascending";
        heads.forEach(h => h.removeAttribute("aria-sort"));
        th.setAttribute("aria-sort", down ? "ascending" : "descending");
        const key = row => row.cells[i].dataset.v === undefined ? row.cells[i].textContent : +row.cells[i].dataset.v;
        const order = (a, b) => { const x = key(a), y = key(b); return typeof x === "number" ? x - y : x.localeCompare(y, "en", {numeric: true}); };
        const rows = [...table.tBodies[0].rows].sort(order);
        if (!down) rows.reverse();
        table.tBodies[0].append(...rows);
      });
    });
  }

  // The charts over time share crosshair and zoom.
  const over = [];
  let drawn = [];
  let zoomed = null;
  const width = el => Math.max(240, el.clientWidth - 26);
  const height = () => innerWidth < 760 ? 190 : 220;
  const ends = data.end, spans = data.end.map((e, i) => e - data.start[i]);

  const zoomAll = {hooks: {setScale: [(u, key) => {
    if (key !== "x" || u.busy) return;
    const {min, max} = u.scales.x;
    const all = min <= ends[0] && max >= ends[ends.length - 1];
    zoomed = all ? null : {min, max};
    $("reset").hidden = all;
    for (const o of over) if (o !== u && (o.scales.x.min !== min || o.scales.x.max !== max)) {
      o.busy = true; o.setScale("x", {min, max}); o.busy = false;
    }
  }]}};

  // Seconds in which the generator fell short are shaded; live changes are dashed lines, marks whole ones; the crosshair near one shows its text.
  const marks = () => {
    const tip = document.createElement("div");
    tip.className = "tip"; tip.hidden = true;
    return {hooks: {
      init: [u => u.over.append(tip)],
      drawClear: [u => {
        u.ctx.save(); // uPlot remembers which colours it has set
        const at = v => Math.min(Math.max(u.valToPos(v, "x", true), u.bbox.left), u.bbox.left + u.bbox.width);
        data.grade.forEach((grade, i) => {
          if (!grade) return;
          u.ctx.fillStyle = faded(color(grade > 1 ? "bad" : "warn"), 12);
          u.ctx.fillRect(at(data.start[i]), u.bbox.top, at(data.end[i]) - at(data.start[i]), u.bbox.height);
        });
        u.ctx.restore();
      }],
      draw: [u => {
        const c = u.ctx;
        c.save();
        c.lineWidth = devicePixelRatio;
        for (const [at, kind] of data.events) {
          const x = Math.round(u.valToPos(at, "x", true));
          if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) continue;
          const own = kind === "mark";
          c.strokeStyle = color(own ? "accent" : "mark");
          c.setLineDash(own ? [] : [4 * devicePixelRatio, 4 * devicePixelRatio]);
          c.beginPath();
          c.moveTo(x, u.bbox.top); c.lineTo(x, u.bbox.top + u.bbox.height);
          c.stroke();
        }
        c.restore();
      }],
      setCursor: [u => {
        const left = u.cursor.left;
        let best = null, near = 7;
        if (left >= 0 && u.cursor.event) for (const e of data.events) {
          const d = Math.abs(u.valToPos(e[0], "x") - left);
          if (d < near) { near = d; best = e; }
        }
        tip.hidden = !best;
        if (!best) return;
        tip.textContent = clock(best[0]) + "  " + best[2];
        tip.style.top = "4px";
        const x = u.valToPos(best[0], "x");
        if (x > u.over.clientWidth / 2) { tip.style.right = u.over.clientWidth - x + 6 + "px"; tip.style.left = ""; }
        else { tip.style.left = x + 6 + "px"; tip.style.right = ""; }
      }],
    }};
  };

  const axis = (more = {}) => ({stroke: color("soft"), grid: {stroke: color("grid"), width: 1}, ticks: {stroke: color("grid"), width: 1},
    font: "12px system-ui, sans-serif", ...more});
  const line = (label, c, more = {}) => ({label, stroke: color(c), width: 1.6, points: {show: data.end.length < 40, size: 4, fill: color(c)}, value: (u, v) => short(v), ...more});
  const fromZero = (u, min, max) => [0, max > 0 ? max * 1.08 : 1];
  // Axis labels need the room of the longest.
  const room = (u, values) => 20 + 7.2 * Math.max(2, ...(values || []).map(v => v.length));

  function timeChart(id, series, rows, more = {}) {
    const el = $(id);
    const u = new uPlot({
      width: width(el), height: height(),
      scales: {x: {time: false, range: (u, min, max) => min === ends[0] ? [data.start[0], max] : [min, max]}, y: {range: fromZero, ...more.y}},
      axes: [axis({values: (u, v) => v.map(clock), space: 60, size: 34, incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200]}), axis({size: room, values: (u, v) => v.map(tick)})],
      series: [{label: "At", value: (u, v) => v == null ? "–" : clock(v)}, ...series],
      cursor: {y: false, sync: {key: "time"}, drag: {x: true, y: false}, points: {size: 6}},
      plugins: [marks(), zoomAll], legend: {live: true},
    }, [ends, ...rows], el);
    over.push(u); drawn.push(u);
    return u;
  }

  function spectrum() {
    // From the buckets: at which time a share of 1 - 1/x of the requests was done.
    const curve = buckets => {
      const total = buckets.reduce((n, b) => n + b[1], 0), xs = [], ys = [];
      let seen = 0;
      for (const [us, n] of buckets) {
        seen += n;
        const x = total / Math.max(total - seen, 0.5);
        xs.push(x); ys.push(us / 1000);
      }
      if (xs.length) { xs.unshift(1); ys.unshift(ys[0]); }
      return [xs, ys];
    };
    const at = $("route").selectedIndex || 0;
    const shown = at ? [data.routes[at], data.routes[0]] : [data.routes[0]];
    const curves = shown.map(r => curve(r.buckets));
    if (!curves[0][0].length) return;
    const xs = [...new Set(curves.flatMap(c => c[0]))].sort((a, b) => a - b);
    const rows = curves.map(([cx, cy]) => { let i = 0; return xs.map(x => { while (i < cx.length && cx[i] < x) i++; return i < cx.length ? cy[i] : null; }); });
    const el = $("spectrum");
    const share = x => { const p = 100 - 100 / x; return p.toFixed(Math.max(0, Math.min(5, Math.ceil(Math.log10(x)) - 2))) + " %"; };
    const decades = []; for (let x = 1; x <= xs[xs.length - 1]; x *= 10) decades.push(x);
    const splits = [1, ...(el.clientWidth < 600 ? [] : [2, 4]), ...decades.slice(1)].filter(x => x <= xs[xs.length - 1]).sort((a, b) => a - b);
    drawn.push(new uPlot({
      width: width(el), height: 280,
      scales: {x: {time: false, distr: 3, log: 10, range: (u, min, max) => [1, Math.max(10, max)]}, y: {range: fromZero}},
      axes: [axis({size: 34, splits: () => splits, values: (u, v) => v.map(x => x == null ? "" : x === 1 ? "0 %" : x === 2 ? "50 %" : x === 4 ? "75 %" : share(x)), filter: (u, v) => v}), axis({size: room, values: (u, v) => v.map(tick)})],
      series: [{label: "Percentile", value: (u, v) => v == null ? "–" : (100 - 100 / v).toFixed(4) + " %"},
        ...shown.map((r, i) => line(r.name, i || shown.length === 1 ? "p50" : "p99", {points: {show: false}, dash: i ? [5, 4] : undefined}))],
      cursor: {y: false, drag: {x: false, y: false}},
    }, [xs, ...rows], el));
  }

  function levelChart(id, series, rows) {
    const el = $(id);
    drawn.push(new uPlot({
      width: width(el), height: 240,
      scales: {x: {time: false, range: (u, min, max) => [0, max * 1.04]}, y: {range: fromZero}},
      axes: [axis({size: 34, values: (u, v) => v.map(tick)}), axis({size: room, values: (u, v) => v.map(tick)})],
      series: [{label: data.levels.unit, value: (u, v) => whole(v)}, ...series.map(([label, c]) => line(label, c, {points: {show: true, size: 7, fill: color(c)}}))],
      cursor: {y: false, drag: {x: false, y: false}},
    }, [data.levels.load, ...rows], el));
  }

  function draw() {
    for (const u of drawn) u.destroy();
    drawn = []; over.length = 0;
    const r = data.routes[$("route").selectedIndex || 0];
    const rate = counts => counts.map((n, i) => spans[i] > 0 ? n / spans[i] : null);
    timeChart("latency", [line("p50", "p50"), line("p95", "p95"), line("p99", "p99", {dash: [5, 3]})], [r.p50, r.p95, r.p99]);
    timeChart("rate", [line("all", "ok", {fill: faded(color("ok"), 12)}), line("failed", "failed", {fill: faded(color("failed"), 24)})], [rate(r.requests), rate(r.failures)]);
    const load = [line("users", "users", {value: (u, v) => whole(v), paths: uPlot.paths.stepped({align: -1}), fill: faded(color("users"), 10)}),
      line("users wanted", "soft", {value: (u, v) => whole(v), paths: uPlot.paths.stepped({align: -1}), dash: [4, 4], width: 1})];
    const rows = [data.users, data.wanted];
    if (data.rate) {
      load.push(line("arrivals/s wanted", "p95", {dash: [5, 3]}), line("dropped/s", "failed"));
      rows.push(data.rate, rate(data.dropped));
    }
    timeChart("users", load, rows);
    timeChart("cpu", [line("CPU", "soft", {fill: faded(color("soft"), 10)})], [data.cpu], {y: {range: (u, min, max) => [0, Math.max(100, max)]}});
    if (zoomed) over[0].setScale("x", zoomed);
    spectrum();
    if (data.levels && data.levels.load.length > 1) {
      $("levelcharts").hidden = false;
      levelChart("levelrate", [["all", "ok"], ["failed", "failed"]], [data.levels.rate, data.levels.failed]);
      levelChart("leveltime", [["p95", "p95"]], [data.levels.p95]);
    }
  }

  if (!ends.length) { // nothing was recorded: nothing to draw
    for (const section of document.querySelectorAll("section.js")) section.remove();
    root.dataset.ready = Math.round(performance.now());
    return;
  }
  for (const r of data.routes) $("route").append(new Option(r.name));
  $("route").addEventListener("change", draw);
  $("reset").addEventListener("click", () => over[0].setScale("x", {min: ends[0], max: ends[ends.length - 1]}));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  let last = innerWidth;
  addEventListener("resize", () => { if (innerWidth !== last) { last = innerWidth; requestAnimationFrame(draw); } });
  // Charts keep the width that they were drawn with, so they are drawn for the sheet.
  const sheet = on => () => { root.classList.toggle("paper", on); draw(); };
  addEventListener("beforeprint", () => { for (const d of document.querySelectorAll("details")) d.open = true; });
  addEventListener("beforeprint", sheet(true));
  addEventListener("afterprint", sheet(false));
  draw();
  root.dataset.ready = Math.round(performance.now());
})();
