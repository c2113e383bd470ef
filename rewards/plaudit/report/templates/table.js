(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const table = byId("table");
  if (!table) return;
  const { parts, stages, strings, rows } = JSON.parse(byId("data").textContent);
  const [LINE, STAGE, STEP, MODE, PROMPT, TEXT, ANSWER, EXTRACTED, VALUE, REASON, CORRECT, FAILED, PARTS] = Array(13).keys();
  // A phone shows each row as a card, so a page of them is shorter.
  const PAGE = matchMedia("(max-width: 700px)").matches ? 10 : 25;
  const stageOrder = Object.keys(stages);
  const stageName = (row) => stages[row[STAGE]] ?? row[STAGE];
  const when = (row) => row[STAGE] === "grpo" ? `GRPO step ${row[STEP]}` : [stageName(row), row[MODE]].filter(Boolean).join(", ");
  const number = (value) => value === null || value === undefined ? "–" : value.toFixed(2).replace("-", "−");
  const text = (index) => index === null ? null : strings[index];
  const abstained = (row) => row[VALUE] === null || row[PARTS].some((part) => part !== null && part[0] === null);
  const outcomes = {
    right: (row) => row[CORRECT] === true,
    wrong: (row) => row[CORRECT] === false,
    abstained,
    failed: (row) => row[FAILED] === 1,
  };

  // Each column: its title, what it sorts by, and what its cell shows. Cells are filled with textContent only.
  const columns = [
    { name: "#", kind: "line", key: (row) => row[LINE], show: (row) => row[LINE] },
    { name: "when", kind: "when", key: (row) => stageOrder.indexOf(row[STAGE]) * 1e9 + row[STEP] + (row[MODE] === "greedy" ? 0.5 : 0), show: when },
    { name: "prompt", kind: "long", key: (row) => strings[row[PROMPT]], show: (row) => strings[row[PROMPT]] },
    { name: "completion", kind: "long model", key: (row) => row[TEXT], show: (row) => row[TEXT] },
    { name: "gold", kind: "short", key: (row) => strings[row[ANSWER]], show: (row) => strings[row[ANSWER]] },
    { name: "extracted", kind: "short", key: (row) => text(row[EXTRACTED]), show: (row) => text(row[EXTRACTED]) ?? "–" },
    { name: "reward", kind: "number total", key: (row) => row[VALUE], show: (row) => number(row[VALUE]), value: (row) => row[VALUE] },
    ...parts.map((name, at) => {
      const value = (row) => row[PARTS][at]?.[0] ?? null;
      return { name, kind: "number", key: value, show: (row) => number(value(row)), value };
    }),
    { name: "length", kind: "number", key: (row) => row[TEXT].length, show: (row) => row[TEXT].length.toLocaleString("en"), value: (row) => row[TEXT].length },
    { name: "right", kind: "mark", key: (row) => row[CORRECT] === null ? null : Number(row[CORRECT]), show: (row) => ({ true: "✓", false: "✗", null: "–" })[row[CORRECT]] },
  ];
  const measures = columns.filter((column) => column.value);
  const state = { sort: 0, down: false, page: 0, open: new Set(), order: [] };

  const element = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  // The searchable text of a row, made when first needed: most visits never search.
  const searchable = [];
  const haystack = (at) => searchable[at] ??= [
    strings[rows[at][PROMPT]], rows[at][TEXT], text(rows[at][EXTRACTED]) ?? "", strings[rows[at][ANSWER]], strings[rows[at][REASON]],
    ...rows[at][PARTS].map((part) => part === null ? "" : strings[part[2]]),
  ].join("\n").toLowerCase();

  const chosen = (id) => byId(id)?.value ?? "";
  function matching() {
    const query = chosen("search").trim().toLowerCase();
    const [stage, mode, outcome] = [chosen("stage"), chosen("mode"), outcomes[chosen("outcome")]];
    const measure = measures[Number(chosen("measure"))];
    const low = chosen("low") === "" ? -Infinity : Number(chosen("low"));
    const high = chosen("high") === "" ? Infinity : Number(chosen("high"));
    const bounded = low > -Infinity || high < Infinity;
    const inside = (value) => value !== null && value >= low && value <= high;
    return rows.flatMap((row, at) =>
      (!stage || row[STAGE] === stage) && (!mode || row[MODE] === mode) && (!outcome || outcome(row)) &&
      (!bounded || inside(measure.value(row))) && (!query || haystack(at).includes(query)) ? [at] : []);
  }

  function sorted(order) {
    const { key } = columns[state.sort];
    const keys = new Map(order.map((at) => [at, key(rows[at])]));
    const sign = state.down ? -1 : 1;
    const numeric = new Intl.Collator("en", { numeric: true });
    const compare = (a, b) => typeof a === "number" ? a - b : numeric.compare(a, b);
    return order.sort((a, b) => {
      const [left, right] = [keys.get(a), keys.get(b)];
      // What has no value comes last, whichever way the column is sorted.
      if (left === null || right === null) return (left === null) - (right === null) || a - b;
      return sign * compare(left, right) || a - b;
    });
  }

  function detail(row) {
    const why = element("table", { className: "why" });
    why.append(element("thead", {}, element("tr", {}, ...["part", "value", "weight", "adds", "reason"].map((name) => element("th", { scope: "col", textContent: name })))));
    const body = element("tbody");
    row[PARTS].forEach((part, at) => {
      if (part === null) return;
      const [value, weight, reason] = part;
      const cells = [number(value), String(+weight.toFixed(4)), number(value === null ? null : value * weight)];
      body.append(element("tr", {}, element("th", { scope: "row", textContent: parts[at] }),
        ...cells.map((cell) => element("td", { textContent: cell })), element("td", { className: "text", dir: "auto", textContent: strings[reason] })));
    });
    why.append(body);
    const pre = (content) => element("pre", { dir: "auto", textContent: content });
    const heading = (content) => element("h4", { textContent: content });
    const left = element("div", {}, heading("prompt"), pre(strings[row[PROMPT]]), heading("completion"), pre(row[TEXT]));
    const right = element("div", {}, heading(`reward ${number(row[VALUE])}`), element("p", { className: "reason", dir: "auto", textContent: strings[row[REASON]] }), ...(body.children.length ? [why] : []));
    return element("tr", { className: "detail" }, element("td", { colSpan: columns.length }, element("div", { className: "two" }, left, right)));
  }

  function rowElements(at) {
    const row = rows[at];
    const open = state.open.has(at);
    const cells = columns.map((column, index) => {
      const cell = element(index ? "td" : "th", { className: column.kind });
      cell.dataset.label = column.name;
      if (index) {
        cell.append(element("bdi", { textContent: column.show(row) }));
        if (column.value && column.value(row) < 0) cell.classList.add("minus");
        return cell;
      }
      cell.scope = "row";
      const button = element("button", { type: "button", className: "opener", textContent: `${open ? "▾" : "▸"} ${row[LINE]}` });
      button.setAttribute("aria-expanded", String(open));
      button.setAttribute("aria-label", `Details of line ${row[LINE]}`);
      cell.append(button);
      return cell;
    });
    const line = element("tr", { className: "row" }, ...cells);
    line.dataset.at = at;
    return open ? [line, detail(row)] : [line];
  }

  function show() {
    const pages = Math.max(1, Math.ceil(state.order.length / PAGE));
    state.page = Math.min(Math.max(0, state.page), pages - 1);
    const start = state.page * PAGE;
    table.tBodies[0].replaceChildren(...state.order.slice(start, start + PAGE).flatMap(rowElements));
    byId("count").textContent = `${state.order.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} completions`;
    byId("page").textContent = `page ${state.page + 1} of ${pages}`;
    byId("first").disabled = byId("previous").disabled = state.page === 0;
    byId("next").disabled = byId("last").disabled = state.page === pages - 1;
    table.tHead.querySelectorAll("th").forEach((cell, at) => {
      cell.setAttribute("aria-sort", at !== state.sort ? "none" : state.down ? "descending" : "ascending");
    });
    byId("sort").value = `${state.sort} ${state.down ? "down" : "up"}`;
  }

  function update() {
    state.order = sorted(matching());
    state.page = 0;
    show();
  }

  function sortBy(column, down) {
    [state.sort, state.down] = [column, down];
    update();
  }

  function build() {
    table.tHead.append(element("tr", {}, ...columns.map((column, at) => {
      const button = element("button", { type: "button", textContent: column.name });
      // Numbers are most interesting from the top; a second press turns the order.
      button.addEventListener("click", () => sortBy(at, state.sort === at ? !state.down : Boolean(column.value)));
      return element("th", { scope: "col", className: column.kind }, button);
    })));
    columns.forEach((column, at) => ["up", "down"].forEach((way) => {
      byId("sort").append(element("option", { value: `${at} ${way}`, textContent: `${column.name} ${way === "up" ? "↑" : "↓"}` }));
    }));
    measures.forEach((column, at) => byId("measure").append(element("option", { value: at, textContent: column.name })));
    new Set(rows.map((row) => row[STAGE])).forEach((stage) => byId("stage")?.append(element("option", { value: stage, textContent: stages[stage] ?? stage })));
  }

  function listen() {
    let waiting;
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    byId("filters").addEventListener("reset", () => setTimeout(() => sortBy(0, false)));
    byId("filters").addEventListener("input", (event) => {
      clearTimeout(waiting);
      if (event.target.id === "sort") {
        const [column, way] = event.target.value.split(" ");
        sortBy(Number(column), way === "down");
      } else {
        waiting = setTimeout(update, event.target.type === "search" ? 120 : 0);
      }
    });
    const turn = { first: () => 0, previous: () => state.page - 1, next: () => state.page + 1, last: () => Infinity };
    Object.entries(turn).forEach(([id, page]) => byId(id).addEventListener("click", () => { state.page = page(); show(); }));
    table.tBodies[0].addEventListener("click", (event) => {
      const line = event.target.closest("tr.row");
      if (!line || String(getSelection())) return;
      const at = Number(line.dataset.at);
      if (!state.open.delete(at)) state.open.add(at);
      show();
      table.querySelector(`tr[data-at="${at}"] .opener`).focus({ preventScroll: true });
    });
  }

  build();
  listen();
  update();
})();
