// @ts-check
/**
 * A drawing as elements: of what the server sends, only shapes and text are taken over, one by one. So neither a
 * name in a recording nor a mistake in the drawing can bring in a script, a link, or a style for the page.
 */

const space = "http://www.w3.org/2000/svg";
const elements = new Set(
  "svg g defs marker path rect line circle ellipse polyline polygon text tspan title desc".split(" "),
);
const attributes = new Set(
  (
    "viewBox width height x y x1 x2 y1 y2 dx dy cx cy r rx ry d points transform class id role aria-label fill stroke " +
    "stroke-width stroke-dasharray stroke-linecap stroke-linejoin opacity fill-opacity font-size font-family " +
    "font-weight font-style text-anchor dominant-baseline marker-end marker-start markerWidth markerHeight refX refY " +
    "orient markerUnits preserveAspectRatio textLength lengthAdjust xml:space"
  ).split(" "),
);

/**
 * @param {string} url
 * @returns {Promise<Element>}
 * @throws {Error} when there is none
 */
export async function loadSvg(url) {
  const root = (await loadXml(url)).documentElement;
  if (root.localName !== "svg" || root.namespaceURI !== space) {
    throw new Error(`Cannot show the drawing: it is a ${root.localName}, an svg is wanted`);
  }
  return take(root);
}

/**
 * Not fetch and a DOMParser: the page's policy lets nobody make a document from text.
 *
 * @param {string} url
 * @returns {Promise<XMLDocument>}
 */
function loadXml(url) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", url);
    request.responseType = "document";
    request.onerror = () => reject(new Error("The program does not answer"));
    request.onload = () => {
      const { responseXML: document, status } = request;
      if (status === 200 && document !== null) resolve(document);
      else reject(new Error(`Cannot show the drawing: the server answered ${status}`));
    };
    request.send();
  });
}

/** A copy with nothing in it but what is known. @param {Element} from @returns {Element} */
function take(from) {
  const copy = document.createElementNS(space, from.localName);
  for (const { name, value } of from.attributes) {
    if (attributes.has(name)) copy.setAttribute(name, value);
  }
  for (const child of from.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) copy.append(child.textContent ?? "");
    else if (child instanceof Element && child.namespaceURI === space && elements.has(child.localName))
      copy.append(take(child));
  }
  return copy;
}
