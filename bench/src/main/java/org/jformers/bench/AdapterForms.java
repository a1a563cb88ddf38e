package org.jformers.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.convert.AdapterMerging;
import org.jformers.model.surgery.Lora;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;

/**
 * Writes tiny models of several families with adapters of several forms, all random: of each the base, the adapter, the
 * folder with both merged, and the logits of the adapted model. Argument: the folder to fill. bench/adapters.sh lets
 * PEFT load them.
 */
public final class AdapterForms {
    private static final String ENCODER = """
            "vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4,
            "intermediate_size": 24, "max_position_embeddings": 20, "pad_token_id": 1, "initializer_range": 0.2,
            "id2label": {"0": "a", "1": "b", "2": "c"}""";
    private static final long[][] IDS = {{5, 7, 3, 2, 9}, {4, 6, 8, 11, 13}};

    private record Form(String name, String config, Task task, Lora.Spec spec) {}

    private AdapterForms() {}

    private static List<Form> forms() {
        String gpt2 = "{\"model_type\": \"gpt2\", \"vocab_size\": 40, \"n_embd\": 16, \"n_layer\": 2, \"n_head\": 4, "
                + "\"n_positions\": 20, \"initializer_range\": 0.2}";
        String llama = "{\"model_type\": \"llama\", \"num_key_value_heads\": 2, \"tie_word_embeddings\": false, "
                + ENCODER + "}";
        String t5 = "{\"model_type\": \"t5\", \"vocab_size\": 40, \"d_model\": 16, \"d_kv\": 4, \"d_ff\": 24, "
                + "\"num_layers\": 2, \"num_heads\": 4, \"decoder_start_token_id\": 0, \"pad_token_id\": 0}";
        return List.of(
                new Form("bert-usual", encoder("bert"), Task.SEQUENCE_CLASSIFICATION, plain(4, List.of())),
                new Form("bert-biases", encoder("bert"), Task.TOKEN_CLASSIFICATION,
                        spec(List.of("query", "output.dense"), List.of(), Lora.Bias.ALL)),
                new Form("roberta-tags", encoder("roberta"), Task.TOKEN_CLASSIFICATION,
                        plain(2, List.of("*.1.attention.*"))),
                new Form("roberta-head", encoder("roberta"), Task.SEQUENCE_CLASSIFICATION,
                        plain(2, List.of("dense", "key"))),
                new Form("distilbert-own-biases", distilbert(), Task.SEQUENCE_CLASSIFICATION,
                        spec(List.of("out_lin", "lin1"), List.of(), Lora.Bias.LORA_ONLY)),
                new Form("gpt2-all", gpt2, Task.CAUSAL_LM, plain(3, List.of(Lora.ALL_LINEAR))),
                new Form("llama-output", llama, Task.CAUSAL_LM,
                        spec(List.of("q_proj", "down_proj"), List.of("lm_head", "norm"), Lora.Bias.NONE)),
                new Form("llama-pattern", llama, Task.CAUSAL_LM, plain(2, List.of("layers.0.*_proj"))),
                new Form("t5-decoder", t5, Task.SEQ2SEQ_LM, plain(2, List.of("decoder.*.v", "wo"))));
    }

    private static String encoder(String type) {
        return "{\"model_type\": \"" + type + "\", " + ENCODER + "}";
    }

    private static String distilbert() {
        return "{\"model_type\": \"distilbert\", \"vocab_size\": 40, \"dim\": 16, \"n_layers\": 2, \"n_heads\": 4, "
                + "\"hidden_dim\": 24, \"max_position_embeddings\": 20}";
    }

    private static Lora.Spec plain(int rank, List<String> targets) {
        return new Lora.Spec(rank, 6, 0, targets, false);
    }

    private static Lora.Spec spec(List<String> targets, List<String> whole, Lora.Bias bias) {
        return new Lora.Spec(2, 5, 0.1, targets, true, whole, bias, Lora.Start.GAUSSIAN);
    }

    /** @param args the folder to fill */
    public static void main(String[] args) throws IOException {
        for (Form form : forms()) {
            write(form, Path.of(args[0]).resolve(form.name()));
        }
    }

    private static void write(Form form, Path folder) throws IOException {
        Path base = folder.resolve("base");
        Path adapter = Files.createDirectories(folder.resolve("adapter"));
        ObjectMapper json = new ObjectMapper();
        Map<String, Object> record = new LinkedHashMap<>();
        try (Seeds.Own seeds = Seeds.own(3);
                NoGrad noGrad = new NoGrad();
                Model model = AutoModel.create(
                        AutoConfig.parse(json.readTree(form.config()), form.name()), form.task(), 3)) {
            model.save(base);
            Lora lora = Lora.attach(model, form.spec());
            Scopes.run(() -> lora.tensors().forEach((name, tensor) -> {
                if (!name.contains("lora_A")) {
                    Tensors.fillNormal(tensor, 0, 0.2);
                }
            }));
            lora.save(adapter, base.toString());
            record.put("input_ids", IDS);
            Scopes.run(() -> {
                Tensor ids = Tensors.ofLongs(IDS);
                ModelInputs inputs = ModelInputs.of(ids);
                boolean both = form.task() == Task.SEQ2SEQ_LM;
                record.put("logits", Tensors.toFloats(
                        model.forward(both ? inputs.with("decoder_input_ids", ids) : inputs).logits()));
            });
        }
        AdapterMerging.merge(base, adapter, folder.resolve("merged"));
        json.writeValue(folder.resolve("logits.json").toFile(), record);
    }
}
