package org.jformers.task;

import java.util.Map;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.experiment.PreparedTask;

/** A task whose rows are plain texts. */
interface PreparedTexts extends PreparedTask {

    /** The rows. */
    TextExamples texts();

    @Override
    default BatchedExamples training() {
        return texts().training();
    }

    @Override
    default Iterable<Batch> validation() {
        return texts().validation().evaluationBatches();
    }

    @Override
    default Map<String, Iterable<Batch>> watched() {
        return texts().watchedBatches();
    }
}
