/** Marks, units and declared streams: what a file leaves open is asked for, and an option answers. */
import { describe, expect, test } from "vitest";
import { fitMetrics } from "../node-client/files/fit-metrics.ts";
import type { ReadOptions } from "../node-client/files/read-options.ts";
import type { Metric } from "../spec/readings.ts";
import { kindsOf, look, read, refuse, rowsOf, show, T, testAsked } from "./cases/ask-file.ts";

describe("a column that is almost numbers is never quietly text", () => {
  const word = `device;time;v\na;${T};21,5\na;${T};22,1\na;${T};Fehler\n`;
  const quoted = `device,time,v,w\na,${T},"3,14",1.5\na,${T},err,1.5\na,${T},"2,71",1.5\na,${T},"2,72",1.5\n`;
  const pure = `device;time;v\na;${T};21,5\na;${T};22,1\n`;
  testAsked([
    [
      "with a decimal comma and one odd word",
      word,
      {},
      { options: ["--null", "--text"], cell: "Fehler", line: 4 },
      [
        [{ nulls: ["Fehler"] }, ["a: v = 21.5 22.1 null"]],
        [{ texts: ["v"] }, ["a: v = '21,5' '22,1' 'Fehler'"]],
      ],
    ],
    [
      "with commas and a word beside a column of points",
      quoted,
      {},
      { options: ["--decimal", "--text"] },
      [[{ texts: ["v"] }, ["a: v = '3,14' 'err' '2,71' '2,72'", "a: w = 1.5 1.5 1.5 1.5"]]],
    ],
    [
      "with some numbers of the other mark than --decimal says",
      `${pure}a;${T};3\n`,
      { decimal: "." },
      { options: ["--decimal", "--text"], cell: "21,5", line: 2 },
      [
        [{ decimal: "," }, ["a: v = 21.5 22.1 3.0"]],
        [{ texts: ["v"] }, ["a: v = '21,5' '22,1' '3'"]],
      ],
    ],
    [
      "where the commas come after the first rows, with a word among them",
      `device;time;v\n${rowsOf(600, () => `a;${T};1`)}a;${T};1,5\na;${T};err\n`,
      { columns: ["v"] },
      { options: ["--null", "--text"], cell: "err" },
      [],
    ],
  ]);

  test("words with some numbers of the other mark are text, and that is told", () => {
    const file = look(`device,time,v\na,${T},x\na,${T},y\na,${T},"3,14"\n`);
    expect(show(file)).toEqual(["a: v = 'x' 'y' '3,14'"]);
    expect(kindsOf(file)).toContain("other_mark_in_text");
    expect(kindsOf(look(pure, { decimal: "." }))).toContain("other_mark_in_text");
  });
});

describe("decimals or thousands", () => {
  const late = (count: number, cell: string): string =>
    `device;time;v\n${rowsOf(count, () => `a;${T};0`)}a;${T};${cell}\n`;
  test.each([10, 600])("are told apart alike after %d rows", (count) => {
    expect(read(late(count, "1,250"))[0]?.endsWith(" 0.000 1.250")).toBe(true);
    const error = refuse(() => read(late(count, "1.250")));
    expect(error).toMatchObject({ options: ["--decimal"], cell: "1.250" });
    expect(read(late(count, "1.250"), { decimal: "," })[0]?.endsWith(" 0 1250")).toBe(true);
  });
  const commas = `device,time,v\n${rowsOf(600, () => `a,${T},0`)}a,${T},"1,250"\n`;
  const beside = `device;time;temp;lat\na;${T};21,5;52.123\na;${T};21,6;52.124\n`;
  const points = `device,time,temp,v\na,${T},21.5,"1,250"\na,${T},21.6,"2,310"\n`;
  testAsked([
    [
      "nothing after the first rows tells it",
      commas,
      {},
      { options: ["--decimal"], cell: "1,250", line: 602 },
      [],
    ],
    [
      "single groups of three beside a column of the other mark, points",
      beside,
      {},
      { options: ["--decimal", "--text"], cell: "52.123", line: 2 },
      [
        [{ decimal: "," }, ["a: temp = 21.5 21.6", "a: lat = 52123 52124"]],
        [{ texts: ["lat"] }, ["a: temp = 21.5 21.6", "a: lat = '52.123' '52.124'"]],
      ],
    ],
    [
      "single groups of three beside a column of the other mark, commas",
      points,
      {},
      { options: ["--decimal", "--text"], cell: "1,250", line: 2 },
      [[{ decimal: "." }, ["a: temp = 21.5 21.6", "a: v = 1250 2310"]]],
    ],
  ]);

  test("a column that tells its own mark has thousands", () => {
    const text = `device,time,v,w\na,${T},"1,250",0.5\na,${T},"1,250.5",0.5\n`;
    expect(read(text)[0]).toBe("a: v = 1250.0 1250.5");
  });
});

describe("a stream that exists", () => {
  const metric = (name: string, unit: string, more: Partial<Metric> = {}): Metric => ({
    ...{ name, unit, kind: "integer", scale: 1, minimum: -1e9, maximum: 1e9, group: 0, ...more },
  });
  const fitTo = (text: string, declared: readonly Metric[], options: ReadOptions = {}) => {
    const file = look(text, options);
    return fitMetrics(file, file.devices[0] as (typeof file.devices)[0], declared);
  };
  const header = `device,time,Temp (°F),w\na,${T},70.1,1\n`;
  const cells = `device,time,Power,w\na,${T},1.2 kW,1\n`;

  test.each([
    ["header", header, metric("Temp", "Cel"), "Cel", "[degF]"],
    ["cells", cells, metric("Power", "W"), "W", "kW"],
    ["header, where it has none", header, metric("Temp", ""), "no unit", "[degF]"],
    [
      "cells, as text by themselves",
      `device,time,Power\na,${T},01 kW\n`,
      metric("Power", "W"),
      "W",
      "kW",
    ],
  ])("refuses another unit in the %s", (_, text, declared, had, unit) => {
    const error = refuse(() => fitTo(text, [declared, metric("w", "")]));
    expect(error.options).toEqual(["--columns", "--stream-name"]);
    expect(error.shortMessage).toContain(had);
    expect(error.shortMessage).toContain(unit);
    const { columns } = fitTo(text.replace(/,w$/m, ",w"), [declared, metric("w", "")], {
      columns: text.includes(",w") ? ["w"] : [],
    });
    expect(columns[0]?.index).toBe(-1);
  });

  test.each([
    ["the same", `device,time,Temp (°C)\na,${T},21.5\n`, metric("Temp", "Cel")],
    ["the same by its sign", `device,time,Temp (°C)\na,${T},21.5\n`, metric("Temp", "°C")],
    ["none", `device,time,Temp\na,${T},21.5\n`, metric("Temp", "Cel")],
    ["humidity", `device,time,humidity\na,${T},45 %\n`, metric("humidity", "%RH")],
    ["the name's", `device,time,t_celsius\na,${T},45\n`, metric("t_celsius", "")],
  ])("takes a unit: %s", (_, text, declared) => {
    expect(fitTo(text, [declared]).columns[0]?.index).toBe(2);
  });

  test("reads what a new one would refuse, as it was declared", () => {
    const text = `device,time,status,id\na,${T},1,12345678901234567890\na,${T},2,1\na,${T},x,1\n`;
    const text0 = { kind: "text", scale: 0, minimum: 0, maximum: 0 } as const;
    const { columns } = fitTo(text, [metric("status", "", text0), metric("id", "", text0)]);
    expect(columns.map(({ index, plan }) => [index, plan.kind])).toEqual([
      [2, "text"],
      [3, "text"],
    ]);
    expect(refuse(() => read(text))).toMatchObject({ column: "status", cell: "x" });
  });

  test("says that True and False go in as 1 and 0", () => {
    const { notes } = fitTo(`device,time,on\na,${T},true\na,${T},false\n`, [metric("on", "")]);
    expect(notes).toMatchObject([{ kind: "boolean", column: "on", count: 2, line: 2 }]);
  });
});

test("a workbook is told from a text", () => {
  const error = refuse(() => look("PK\u0003\u0004\u0014\u0000\u0006xl/workbook.xml"));
  expect(error.shortMessage).toBe("some.csv: This is a workbook (.xlsx, .ods) or a ZIP file.");
});

test("a title above the header is passed over by the option that the refusal names", () => {
  const text = `Station report,,\n${"device,time,v"}\na,${T},1\n`;
  const error = refuse(() => look(text));
  expect(error.options).toContain("--skip-rows");
  expect(read(text, { skipRows: 1 })).toEqual(["a: v = 1"]);
});
