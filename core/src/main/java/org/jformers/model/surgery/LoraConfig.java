package org.jformers.model.surgery;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jformers.model.Model;

/**
 * What {@code adapter_config.json} says of a new adapter.
 *
 * @param head names of the weights of a head, and of others that the base lacks, that are trained whole
 * @param modules names of further modules that are trained whole
 * @param targets names of the maps that have matrices added
 * @param transposed whether checkpoints have some of them as [in, out]
 */
record LoraConfig(
        Model model, Lora.Spec spec, Set<String> head, Set<String> modules, Collection<String> targets,
        boolean transposed) {
    ObjectNode json() {
        ObjectNode json = JsonMapper.builder().build().createObjectNode();
        json.putNull("base_model_name_or_path").put("bias", spec.bias().name().toLowerCase(Locale.ROOT));
        json.put("fan_in_fan_out", transposed).put("inference_mode", true);
        if (spec.start() == Lora.Start.GAUSSIAN) {
            json.put("init_lora_weights", "gaussian");
        } else {
            json.put("init_lora_weights", true);
        }
        if (spec.alpha() == Math.rint(spec.alpha()) && spec.alpha() < Integer.MAX_VALUE) {
            json.put("lora_alpha", (int) spec.alpha()); // as PEFT types it
        } else {
            json.put("lora_alpha", spec.alpha());
        }
        json.put("lora_dropout", spec.dropout());
        TreeSet<String> saved = new TreeSet<>(modules); // in full: for PEFT, input_layernorm ends as norm does
        head.forEach(name -> saved.add(model.identity().weights().isOfBody(name)
                ? name.replaceFirst("\\.[^.]*$", "")
                : name.replaceFirst("\\..*", "")));
        if (saved.isEmpty()) {
            json.putNull("modules_to_save");
        } else {
            saved.forEach(json.putArray("modules_to_save")::add);
        }
        json.put("peft_type", "LORA").put("r", spec.rank());
        targets.forEach(json.putArray("target_modules")::add);
        taskType().ifPresentOrElse(type -> json.put("task_type", type), () -> json.putNull("task_type"));
        return json.put("use_dora", false).put("use_rslora", spec.rankStabilized());
    }

    private Optional<String> taskType() {
        return switch (model.identity().task()) {
            case SEQUENCE_CLASSIFICATION -> Optional.of("SEQ_CLS");
            case TOKEN_CLASSIFICATION -> Optional.of("TOKEN_CLS");
            case QUESTION_ANSWERING -> Optional.of("QUESTION_ANS");
            case CAUSAL_LM -> Optional.of("CAUSAL_LM");
            default -> Optional.empty(); // with SEQ_2_SEQ_LM, PEFT 0.21 fails on transformers 5.18; without it loads
        };
    }
}
