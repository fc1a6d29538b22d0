// What a search finds first: the page of a function before those of the same name for one library,
// and these before prose.  The rest is as Sphinx has it.
var Scorer = {
  score: ([page, , , , score, , kind]) => {
    const own = page.startsWith("generated/") && !page.startsWith("generated/xspace.dropin.");
    return own && kind !== "text" ? score + 40 : score;
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
