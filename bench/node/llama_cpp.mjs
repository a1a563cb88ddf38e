// The peer of Decoding: llama.cpp continues 32 tokens by 128, greedily, and reads a prompt of 1,024, several times.
//
//     node llama_cpp.mjs FOLDER FILE.gguf      FOLDER is where node-llama-cpp is installed
import {resolve} from "node:path";
import {pathToFileURL} from "node:url";

const [folder, file] = process.argv.slice(2);
const {getLlama} = await import(pathToFileURL(resolve(folder, "node_modules/node-llama-cpp/dist/index.js")));
const ROUNDS = 6, PROMPT = 32, NEW_TOKENS = 128, LONG_PROMPT = 1024, THREADS = 2;

const llama = await getLlama({gpu: false, build: "never", skipDownload: true, logLevel: "error"});
const model = await llama.loadModel({modelPath: file});
const context = await model.createContext({contextSize: 1280, batchSize: 1024, threads: {ideal: THREADS, min: THREADS}});
const sequence = context.getSequence();

/** Seconds of all rounds but the first, the least first. */
async function timed(length, newTokens) {
    const seconds = [];
    for (let round = 0; round < ROUNDS; round++) {
        await sequence.clearHistory();
        const begin = performance.now();
        let written = 0;
        for await (const token of sequence.evaluate([...Array(length).keys()], {temperature: 0, yieldEogToken: true})) {
            if (++written === newTokens) {
                break;
            }
        }
        seconds.push((performance.now() - begin) / 1000);
        if (written !== newTokens) {
            throw new Error(`wrote ${written} tokens`);
        }
    }
    return seconds.slice(1).sort((a, b) => a - b);
}

const written = await timed(PROMPT, NEW_TOKENS);
const read = await timed(LONG_PROMPT, 1);
console.log(`llama.cpp ${file.split("/").pop()} tokens/s best ${(NEW_TOKENS / written[0]).toFixed(1)}`
    + ` median ${(NEW_TOKENS / written[2]).toFixed(1)};`
    + ` of prompts best ${(LONG_PROMPT / read[0]).toFixed(0)} median ${(LONG_PROMPT / read[2]).toFixed(0)}`);
process.exit(0);
