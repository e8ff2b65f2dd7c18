(function () {
  "use strict";
  var all = function (selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); };
  all(".track").forEach(function (track) {
    var tools = track.querySelector(".tools");
    if (!tools) { return; }
    tools.hidden = false;
    var bodies = all("tbody.members", track);
    var field = tools.querySelector("input"), only = tools.querySelector("button.only"), said = tools.querySelector("output");
    var picked = function () { return all("input.pick:checked", track).map(function (box) { return box.value; }); };
    var narrowed = false;
    all(".pick-cell", track).forEach(function (cell) { cell.hidden = false; });
    function apply() {
      var word = field.value.toLowerCase(), chosen = narrowed ? picked() : null, shown = 0;
      bodies.forEach(function (body) {
        shown = 0;
        all("tr", body).forEach(function (row) {
          row.hidden = row.dataset.id.toLowerCase().indexOf(word) < 0 || (chosen && chosen.indexOf(row.dataset.id) < 0);
          shown += row.hidden ? 0 : 1;
        });
      });
      said.textContent = word || narrowed ? shown + " shown" : "";
    }
    field.addEventListener("input", apply);
    only.addEventListener("click", function () {
      narrowed = !narrowed && picked().length > 1;
      only.setAttribute("aria-pressed", String(narrowed));
      only.textContent = narrowed ? "Show all again" : "Compare the chosen";
      apply();
    });
    tools.querySelector("select").addEventListener("change", function (event) {
      var key = event.target.value;
      bodies.forEach(function (body) {
        all("tr", body).sort(function (a, b) {
          return key === "score" ? Number(b.dataset.score) - Number(a.dataset.score) || a.dataset.at - b.dataset.at : a.dataset.at - b.dataset.at;
        }).forEach(function (row) { body.appendChild(row); });
      });
    });
  });
})();
