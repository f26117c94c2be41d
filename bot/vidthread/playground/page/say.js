// What the page says, by id: the server put the sentences of one language into it.

export const { lang: language, dir: direction } = document.documentElement;
const sentences = JSON.parse(document.getElementById("sentences").textContent);

export function say(id, values = {}) {
  return sentences[id].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** A language by its own name: "pt-BR" -> "Português (Brasil)". */
export function nameOf(code) {
  const name = new Intl.DisplayNames([code], { type: "language" }).of(code);
  return name[0].toLocaleUpperCase(code) + name.slice(1);
}
