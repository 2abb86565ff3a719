// Print the first sheet of each workbook named on the command line as SheetJS and ExcelJS see it:
// one JSON object per file and library, days as YYYY-MM-DD, blank cells as "".
import ExcelJS from "exceljs";
import XLSX from "xlsx";

const day = (value) => new Date(Math.round((value - 25569) * 86400000)).toISOString().slice(0, 10);

function sheetjs(path) {
  const sheet = Object.values(XLSX.readFile(path, { cellNF: true }).Sheets)[0];
  const area = XLSX.utils.decode_range(sheet["!ref"] ?? "A1");
  return Array.from({ length: area.e.r + 1 }, (_, r) =>
    Array.from({ length: area.e.c + 1 }, (_, c) => {
      const cell = sheet[XLSX.utils.encode_cell({ r, c })];
      if (cell?.v === undefined) return "";
      return cell.t === "n" && XLSX.SSF.is_date(cell.z ?? "") ? day(cell.v) : cell.v;
    }),
  );
}

async function exceljs(path) {
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile(path);
  const sheet = book.worksheets[0];
  return Array.from({ length: sheet.rowCount }, (_, r) =>
    Array.from({ length: sheet.columnCount }, (_, c) => {
      const cell = sheet.getCell(r + 1, c + 1);
      if (cell.isMerged && cell.master !== cell) return "";
      const value = cell.value ?? "";
      return value instanceof Date ? value.toISOString().slice(0, 10) : value.richText ? cell.text : value;
    }),
  );
}

for (const path of process.argv.slice(2)) {
  console.log(JSON.stringify({ path, sheetjs: sheetjs(path), exceljs: await exceljs(path) }));
}
