// What llama.cpp writes after some tokens, greedily: node check_llama_cpp.mjs IDS FILE.gguf...
// IDS are token ids with commas between them. Needs node-llama-cpp 3.22.1, which has llama.cpp built in.
import {getLlama} from "node-llama-cpp";

const [ids, ...files] = process.argv.slice(2);
const llama = await getLlama({gpu: false, build: "never", skipDownload: true, logLevel: "error"});
for (const file of files) {
    const model = await llama.loadModel({modelPath: file});
    const context = await model.createContext({contextSize: 64, threads: 1});
    const written = [];
    for await (const token of context.getSequence().evaluate(ids.split(",").map(Number), {temperature: 0, yieldEogToken: true})) {
        written.push(token);
        if (written.length >= 20) {
            break;
        }
    }
    console.log(file, written.join(" "));
    await context.dispose();
    await model.dispose();
}
process.exit(0);
