// Additions to htmx: pause and bounds of the live list, copying, and announcements for screen readers.
(() => {
  "use strict";
  const MOST = 500;
  const find = (id) => document.getElementById(id);
  let paused = false;
  let waiting = 0;
  let fresh = 0;
  let timer = 0;

  const announce = (text) => { find("announce").textContent = text; };

  const state = (text, kind) => {
    const shown = find("live-state");
    if (!shown) return;
    shown.hidden = false;
    shown.textContent = text;
    shown.className = `state ${kind}`;
  };

  const prepare = () => {
    for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
    const pause = find("pause");
    if (pause) {
      paused = false;
      pause.hidden = false;
    }
    const said = document.querySelector("#main [data-message], #main [role=alert]");
    if (said) announce(said.textContent);
  };

  const resume = () => {
    waiting = 0;
    htmx.ajax("GET", location.pathname + location.search, { target: "#main", select: "#main", swap: "outerHTML" });
  };

  document.addEventListener("click", async (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      const text = find(copy.dataset.copy).textContent;
      try {
        await navigator.clipboard.writeText(text);
        copy.textContent = "Copied";
        announce("Copied");
      } catch {
        getSelection().selectAllChildren(find(copy.dataset.copy));
        copy.textContent = "Selected";
      }
      setTimeout(() => { copy.textContent = "Copy"; }, 2000);
    }
    const pause = event.target.closest("#pause");
    if (pause) {
      paused = !paused;
      pause.setAttribute("aria-pressed", String(paused));
      if (paused) {
        waiting = 0;
        state("paused", "");
      } else {
        resume();
      }
    }
  });

  document.addEventListener("keydown", (event) => {
    const row = event.target.closest("#rows tr");
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (!row || !step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    row[step]?.querySelector("a").focus();
  });

  document.addEventListener("htmx:sseBeforeMessage", (event) => {
    const id = /id="(r\d+)"/.exec(event.detail.data)?.[1];
    if (paused) {
      waiting += 1;
      state(`paused, ${waiting} waiting`, "");
      event.preventDefault();
    } else if (id && find(id)) {
      event.preventDefault();
    }
  });

  document.addEventListener("htmx:sseMessage", () => {
    find("empty").hidden = true;
    find("requests").hidden = false;
    const rows = find("rows");
    while (rows.rows.length > MOST) rows.deleteRow(-1);
    fresh += 1;
    timer ||= setTimeout(() => {
      announce(`${fresh} new ${fresh === 1 ? "request" : "requests"}; the last: ${find("rows").rows[0].innerText.replace(/\s+/g, " ")}`);
      fresh = 0;
      timer = 0;
    }, 2000);
  });

  document.addEventListener("htmx:sseOpen", (event) => {
    if (!paused) state("live", "on");
    event.detail.source.addEventListener("missed", (message) => {
      const line = find("missed");
      line.hidden = false;
      line.textContent = `${message.data} more arrived at once; reload to see them.`;
    });
    event.detail.source.addEventListener("replaced", (message) => state(message.data, "off"));
  });
  document.addEventListener("htmx:sseError", () => state("connection lost, reconnecting", "off"));
  document.addEventListener("htmx:beforeSwap", (event) => {
    document.body.classList.toggle("swapping", event.detail.target.id === "main");
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    setTimeout(() => document.body.classList.remove("swapping"), 100);
    if (event.detail.target?.id === "main" || event.target.id === "main") prepare();
  });
  prepare();
})();
