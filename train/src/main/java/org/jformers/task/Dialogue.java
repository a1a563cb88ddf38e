package org.jformers.task;

import static org.jformers.task.Checks.atLeast;

import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.TaskType;
import org.jformers.experiment.TrainingTask;
import org.jformers.settings.Setting;

/** Dialogues of somebody with a persona: what is replied, and which of several replies fits. */
public record Dialogue(
        Data data,
        @Setting("replies of a batch, each with its candidates, >= 1") int batch,
        @Setting("tokens of a reply with what was said before at most, older turns are left out; 0 for as many as the"
                + " model can read, 512 if more")
                int maxLength,
        @Setting("exchanges that are read before the last text of the other one") int history,
        @Setting("candidates of a reply to train on, the right one among them; 0 for all") int candidates,
        @Setting("orders of the persona's sentences that each reply is learned with") int permutations,
        @Setting("weight of the loss of tokens") double languageWeight,
        @Setting("weight of the loss of choices") double choiceWeight,
        @Setting("whether each token is told who speaks (none, speakers); only with none can the model be talked to by"
                + " jformers chat and the server, which tell decoders nothing but tokens")
                Types types,
        Evaluation evaluation)
        implements TrainingTask {

    /** Where dialogues come from. */
    public record Data(
            @Setting("JSON as personachat_self_original.json has it; small-talk for a few shipped ones") String train,
            @Setting("tokens of the vocabulary of a new model, special ones counted; more than a model to start from"
                    + " needs are not asked for")
                    int vocabulary) {}

    /** What tokens are told beside themselves. */
    public enum Types {
        /** Nothing: the token of a speaker before each turn tells it. */
        NONE,
        /** The token of who speaks, as segment. */
        SPEAKERS
    }

    /** How the result is shown. */
    public record Evaluation(@Setting("held-out replies that are written, for the F1 and the report") int written) {}

    /** Makes the task known. */
    public static final class Type implements TaskType {
        @Override
        public String name() {
            return "dialogue";
        }

        @Override
        public TrainingTask defaults() {
            return new Dialogue(new Data(PreparedDialogue.SHIPPED, 1024), 4, 0, 2, 2, 1, 1, 1, Types.NONE,
                    new Evaluation(100));
        }
    }

    @Override
    public void check(Experiment experiment) {
        Checks.named("task.data.train", data.train());
        atLeast("task.batch", batch, 1);
        atLeast("task.max_length", maxLength, 0);
        atLeast("task.history", history, 0);
        if (candidates == 1) {
            throw new ExperimentException("task.candidates: got 1, allowed 0 for all, or 2 at least to choose from");
        }
        atLeast("task.candidates", candidates, 0);
        atLeast("task.permutations", permutations, 1);
        atLeast("task.evaluation.written", evaluation.written(), 0);
        if (!(languageWeight >= 0 && choiceWeight >= 0 && languageWeight + choiceWeight > 0)) {
            throw new ExperimentException("task.language_weight and task.choice_weight: got " + languageWeight
                    + " and " + choiceWeight + ", allowed >= 0, one of them more");
        }
        if (experiment.model().from() == null) {
            atLeast("task.data.vocabulary", data.vocabulary(), Checks.BYTES + PreparedDialogue.special().length);
        }
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedDialogue(this, start, console);
    }
}
