// What is wider than its place scrolls sideways: then it can be reached, and moved, by keys alone,
// and is named for those who hear it.  What fits is left alone, so that no key is pressed in vain.
const KINDS = { ".highlight pre": "Code", ".table-wrapper": "Table", "div.math": "Formula" };

function mark() {
  for (const [selector, kind] of Object.entries(KINDS)) {
    for (const place of document.querySelectorAll(selector)) {
      const scrolls = place.scrollWidth > place.clientWidth;
      const label = `${kind}, scrolls sideways`;
      const marks = { tabindex: "0", role: "group", "aria-label": label };
      for (const [name, value] of Object.entries(marks)) {
        if (scrolls) place.setAttribute(name, value);
        else place.removeAttribute(name);
      }
    }
  }
}

addEventListener("load", mark);
addEventListener("resize", mark);
