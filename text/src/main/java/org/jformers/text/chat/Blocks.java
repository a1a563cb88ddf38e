package org.jformers.text.chat;

import java.util.Map;
import java.util.Optional;

/** The variable {@code self}, by which a template can render its blocks again. */
final class Blocks extends Value {
    private final Map<String, Statements.Block> blocks;

    Blocks(Map<String, Statements.Block> blocks) {
        this.blocks = blocks;
    }

    @Override
    String type() {
        return "TemplateReference";
    }

    @Override
    void repr(TextBuilder out) {
        out.append("<TemplateReference None>");
    }

    @Override
    Optional<Value> attribute(String name) {
        return Optional.ofNullable(blocks.get(name)).map(block -> Function.shownAs("<BlockReference>", arguments -> {
            arguments.bind(name);
            Run run = arguments.run();
            return run.capture(() ->
                    run.within(run.outermost().inner(), () -> Statement.renderAll(block.body(), run)));
        }));
    }
}
