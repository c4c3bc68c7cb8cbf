// @ts-check
/**
 * What package-lock.json must not hold, and what it has to.
 */

/**
 * Addresses: they name the mirror of whoever installed last, and break on other machines.
 *
 * @param {string} text of package-lock.json
 * @returns {string[]} one line for each package that has one
 */
export function findAddresses(text) {
  return Object.entries(JSON.parse(text).packages).flatMap(([path, { resolved }]) => {
    return resolved?.includes("://") ? [`package-lock.json: "${path}" is resolved to ${resolved}`] : [];
  });
}

/**
 * Packages for other platforms that are named but not listed. npm leaves them out when it cannot reach them, and
 * then `npm ci` refuses the file on every machine.
 *
 * @param {string} text of package-lock.json
 * @returns {string[]} one line for each
 */
export function findGaps(text) {
  const { packages } = JSON.parse(text);
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name, wanted]) => {
        const places = [`${path}/node_modules/${name}`, `node_modules/${name}`];
        const listed = places
          .map((place) => packages[place]?.version)
          .find((version) => version !== undefined);
        // Packages for platforms are wanted in one exact version.
        return listed === undefined || (/^\d/.test(String(wanted)) && listed !== wanted);
      })
      .map(
        ([name]) => `package-lock.json: "${path}" may need "${name}", which is not listed with its version`,
      ),
  );
}
