// Print what pdf.js reads of each file named on the command line: one JSON object per file, with
// every warning that the library writes.
import { readFile } from "node:fs/promises";
import { getDocument, VerbosityLevel } from "pdfjs-dist/legacy/build/pdf.mjs";

const warnings = [];
console.log = console.warn = (...words) => warnings.push(words.join(" "));

for (const path of process.argv.slice(2)) {
  warnings.length = 0;
  const pdf = await getDocument({
    data: new Uint8Array(await readFile(path)),
    verbosity: VerbosityLevel.WARNINGS,
  }).promise;
  const page = await pdf.getPage(1);
  const { items } = await page.getTextContent();
  await page.getOperatorList();
  const tags = await page.getStructTree();
  const attachments = Object.values((await pdf.getAttachments()) ?? {});
  const annotations = await page.getAnnotations();
  const { info, metadata } = await pdf.getMetadata();
  const found = {
    path,
    pages: pdf.numPages,
    text: items.map((item) => item.str + (item.hasEOL ? "\n" : "")).join(""),
    title: info.Title,
    described: metadata.get("dc:title"),
    signed: annotations.some((one) => one.fieldType === "Sig"),
    tagged: tags?.children?.length ?? 0,
    attachments: attachments.map((one) => [one.filename, Buffer.from(one.content).toString()]),
    warnings: [...warnings],
  };
  process.stdout.write(JSON.stringify(found) + "\n");
}
