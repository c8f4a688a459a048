/**
 * Stand-ins for the sample files where those are absent: the same header, row count, ranges, nulls,
 * disorder and texts, out of integer random walks of like smoothness. Figures measured on them are
 * not those of the real data, and whoever prints such figures has to say so.
 */
import { formatScaled } from "../../spec/decimal.ts";

type Random = ReturnType<typeof createRandom>;

/**
 * Pseudo-random integers from a 32-bit seed, not for keys, salts or nonces: mulberry32 (Tommy
 * Ettinger, public domain), which needs nothing but 32-bit integers and so draws the same numbers
 * everywhere. The remainder's bias is no matter for samples.
 */
function createRandom(seed: number) {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  /** An integer of 0 up to, but without, `count` (at most 2^32). */
  const below = (count: number): number => next() % count;
  /** An integer of `low` to `high`, both included. */
  const between = (low: number, high: number): number => low + below(high - low + 1);
  /** An integer of -`spread` to `spread`: the sum of two dice is likeliest in the middle. */
  const noise = (spread: number): number => below(spread + 1) - below(spread + 1);
  return { below, between, noise };
}

const SAMPLES = {
  weather: { generate: generateWeather, rowCount: 8_760 },
  environment: { generate: generateEnvironment, rowCount: 2_000 },
  retail: { generate: generateRetail, rowCount: 2_823 },
};
export type SampleName = keyof typeof SAMPLES;
export const SAMPLE_NAMES = Object.keys(SAMPLES) as readonly SampleName[];

/** Any number would do; it only must not change between two runs of a benchmark. */
const SAMPLE_SEED = 20_220_101;

/**
 * CSV text of the shape of a sample file. The same seed gives the same text on every machine.
 *
 * @example
 * readReadings(generateSample("weather")); // 5 stations of 1,752 readings
 */
export function generateSample(name: SampleName, seed: number = SAMPLE_SEED): string {
  const { generate, rowCount } = SAMPLES[name];
  return generate(createRandom(seed), rowCount);
}

/** One step of a walk that is drawn back to `mean`, the harder the smaller `pull`. */
const step = (random: Random, value: number, mean: number, spread: number, pull: number): number =>
  value + random.noise(spread) - Math.trunc((value - mean) / pull);

const clamp = (value: number, low: number, high: number): number =>
  Math.min(high, Math.max(low, value));

/** Decimal text with the fewest places, at least one: as the sample files write numbers. */
const short = (value: number, scale: number): string =>
  formatScaled(value, scale).replace(/(\.\d+?)0+$/, "$1");

/** Decimal text with the long tails that doubles leave in the sample files. */
const long = (random: Random, hundredths: number): string =>
  `${formatScaled(hundredths, 2)}${random.between(100_000_000, 999_999_999)}`;

/** Tenths of °F as °C, exactly: its fraction repeats one digit, since it is n × 5 / 90. */
function celsius(tenthsFahrenheit: number): string {
  const eighteenths = tenthsFahrenheit - 320;
  const tail = (Math.abs(eighteenths) * 5) % 9;
  const tenths = Math.trunc((eighteenths * 5) / 9);
  const sign = tenths === 0 && eighteenths < 0 ? "-" : "";
  return `${sign}${formatScaled(tenths, 1)}${tail === 0 ? "" : String(tail).repeat(13)}`;
}

const quoted = (text: string): string => (text.includes(",") ? `"${text}"` : text);
const joined = (lines: readonly string[]): string => `${lines.join("\n")}\n`;

const WEATHER_HEADER =
  "device_id,timestamp,temperature_celsius,feels_like_celsius,dew_point_celsius,humidity_percent," +
  "precipitation_mm,wind_speed_kmh,wind_direction_degrees,visibility_km,conditions";
/** Tenths of °F above the day's mean, by hour. */
const TEMPERATURE_BY_HOUR = [
  -40, -47, -53, -58, -63, -68, -70, -62, -40, -10, 25, 55, 78, 92, 98, 93, 78, 52, 22, 0, -12, -20,
  -27, -34,
];
/** One series is dealt hour by hour to five stations; summer time skips an hour and repeats one. */
const STATION_COUNT = 5;
const SUMMER_TIME_ROWS = [1_706, 7_417] as const;

function generateWeather(random: Random, rowCount: number): string {
  const lines = [WEATHER_HEADER];
  let [anomaly, dew, wind, rain, cloud] = [0, 480, 83, 0, 50];
  for (let i = 0; i < rowCount; i++) {
    const hour = i % 24;
    const daysFromSummer = Math.abs(((Math.floor(i / 24) + 327) % 365) - 182);
    const season = 80 - Math.floor((daysFromSummer * 160) / 182);
    const daily = TEMPERATURE_BY_HOUR[hour] ?? 0;
    anomaly = step(random, anomaly, 0, 17, 120);
    const temperature = clamp(570 + season + daily + anomaly, 340, 1_004);
    dew = clamp(step(random, dew, 475 + Math.trunc((season + anomaly) / 2), 13, 80), 130, 640);
    const dewPoint = Math.min(dew, temperature);
    const humidity = 10_000 - Math.trunc(((temperature - dewPoint) * 250) / 9) + random.noise(60);
    wind = clamp(step(random, wind, 60 + Math.max(0, daily), 37, 6), 0, 327);
    cloud = clamp(step(random, cloud, 50, 20, 12), 0, 100);
    const isRaining = random.below(rain > 0 ? 4 : cloud > 60 ? 20 : 200) === 0;
    rain = isRaining ? random.between(1, random.below(9) > 0 ? 90 : 525) : 0;
    const direction = random.below(5) > 0 ? 270 + random.noise(40) : random.below(361);
    const isHazy = rain > 0 || random.below(9) === 0;
    const visibility = isHazy ? 99 - random.below(random.below(4) === 0 ? 100 : 20) : 99;
    const chill = temperature < 500 ? Math.trunc(wind / 3) : 0;
    const sky = cloud > 75 ? "Overcast" : cloud > 25 ? "Partially cloudy" : "Clear";
    const isSummerTime = i >= SUMMER_TIME_ROWS[0] && i < SUMMER_TIME_ROWS[1];
    lines.push(
      [
        `did:example:weather-station-${1 + (i % STATION_COUNT)}`,
        1_640_995_200 + 3_600 * (i + (isSummerTime ? 1 : 0)),
        celsius(temperature),
        celsius(temperature - chill),
        celsius(dewPoint),
        short(clamp(humidity, 1_607, 10_000), 2),
        short(rain, 3),
        short(wind, 1),
        short(direction * 10, 1),
        short(visibility, 1),
        quoted(rain > 0 ? `Rain, ${sky}` : sky),
      ].join(","),
    );
  }
  return joined(lines);
}

const ENVIRONMENT_HEADER =
  "device_id,timestamp,location_id,sensor_type,temperature_celsius,humidity_percent," +
  "air_quality_index,noise_level_db,lighting_lux,crowd_density,water_temperature,ph_level," +
  "turbidity_ntu,bod_mgl,dissolved_oxygen_mgl,conductivity,timestamp_unix";
const LOCATION_COUNT = 5;

/** Two rows a quarter of an hour: an air sensor picked by chance, and the water sensors in turn. */
function generateEnvironment(random: Random, rowCount: number): string {
  const lines = [ENVIRONMENT_HEADER];
  let [water, ph, turbidity, demand, oxygen] = [306, 75, 451, 450, 39];
  for (let i = 0; 2 * i < rowCount; i++) {
    const timeSec = 1_714_550_400 + 900 * i;
    const date = new Date(timeSec * 1_000).toISOString().slice(0, 19).replace("T", " ");
    const air = 101 + random.below(LOCATION_COUNT);
    const airCells = [
      long(random, 2_500 + random.noise(750)),
      long(random, 6_000 + random.noise(2_800)),
      random.between(20, 149),
      long(random, 5_500 + random.noise(2_800)),
      long(random, 30_000 + random.noise(14_000)),
      random.between(5, 59),
    ];
    lines.push(
      `did:example:env-${air}-air,${date},${air},air_quality,${airCells.join(",")},,,,,,,${timeSec}`,
    );

    water = clamp(step(random, water, 321, 12, 20), 280, 388);
    ph = clamp(step(random, ph, 75, 3, 3), 68, 82);
    turbidity = clamp(step(random, turbidity, 451, 14, 5), 421, 509);
    demand = clamp(step(random, demand, 450, 24, 6), 309, 507);
    oxygen = clamp(step(random, oxygen, 39, 1, 3), 32, 40);
    const site = 101 + (i % LOCATION_COUNT);
    const temperature = short(water, 1);
    const waterCells = [water, ph, turbidity, demand, oxygen].map((value) => short(value, 1));
    lines.push(
      `did:example:env-${site}-water,${date},${site},water_quality,${temperature},,,,,,` +
        `${waterCells.join(",")},,${timeSec}`,
    );
  }
  return joined(lines);
}

const RETAIL_HEADER =
  "device_id,timestamp,transaction_id,quantity_sold,unit_price,total_sales,product_category," +
  "store_region,store_country,transaction_size";
const REGIONS = [
  "Harbour",
  "Old Town",
  "Mill & Canal District",
  "Station Square",
  "North Gate",
  "West End",
  "Garden Quarter",
  "Upper Market",
  "12th Street",
  "University",
];
const CATEGORIES = [
  "Motorcycles",
  "Classic Cars",
  "Trucks and Buses",
  "Vintage Cars",
  "Planes",
  "Ships",
  "Trains",
];
const STORES_PER_REGION = 3;
const LINES_PER_PRODUCT = 26;
const ORDER_COUNT = 326;
const DAY_SEC = 86_400;

/** Sales lines by product: the orders, and with them the times, start over with each product. */
function generateRetail(random: Random, rowCount: number): string {
  const lines = [RETAIL_HEADER];
  let category = CATEGORIES[0];
  for (let i = 0; i < rowCount; i++) {
    const line = i % LINES_PER_PRODUCT;
    if (line === 0) category = CATEGORIES[random.below(CATEGORIES.length)];
    const order = clamp(line * 13 + random.noise(20), 0, ORDER_COUNT - 1);
    const quantity = random.below(50) > 0 ? 35 + random.noise(29) : random.between(50, 97);
    const listCents = 8_500 + random.noise(6_000);
    const priceCents = clamp(listCents, 2_688, 10_000);
    // As in the real file, prices stop at 100 while totals go on with the list price.
    const totalCents = clamp(quantity * Math.max(priceCents, listCents), 48_213, 1_408_280);
    const region = REGIONS[random.below(REGIONS.length)] ?? "";
    const slug = region.toLowerCase().replace("&", "and").replaceAll(" ", "-");
    lines.push(
      [
        `did:example:retail-${slug}-store-${1 + random.below(STORES_PER_REGION)}`,
        1_041_811_200 + DAY_SEC * Math.floor((order * 876) / (ORDER_COUNT - 1)),
        10_100 + order,
        quantity,
        short(priceCents, 2),
        short(totalCents, 2),
        category,
        region,
        "USA",
        totalCents < 300_000 ? "Small" : totalCents < 700_000 ? "Medium" : "Large",
      ].join(","),
    );
  }
  return joined(lines);
}
