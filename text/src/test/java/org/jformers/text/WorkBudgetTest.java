package org.jformers.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class WorkBudgetTest {

    @Test
    void paysForAllThatIsAllowedAndForNothingMore() {
        WorkBudget budget = WorkBudget.of("encoding", 100, 10);
        budget.spend(60);
        budget.spend(40);

        assertThatThrownBy(() -> budget.spend(1))
                .isInstanceOf(WorkLimitException.class)
                .hasMessage("encoding takes more than the allowed 100 steps");
    }

    @Test
    void paysForHugeCounts() {
        WorkBudget budget = WorkBudget.of("encoding", 100, 10);
        budget.spend(50);

        assertThatThrownBy(() -> budget.spend(Long.MAX_VALUE)).isInstanceOf(WorkLimitException.class);
    }

    @Test
    void makesNoRoomForMoreThanIsAllowed() {
        WorkBudget budget = WorkBudget.of("encoding", 100, 10);
        budget.room(10);

        assertThatThrownBy(() -> budget.room(11))
                .isInstanceOf(WorkLimitException.class)
                .hasMessage("encoding makes more than the allowed 10 characters or elements on the way");
    }

    @Test
    void endsAtTheDeadline() {
        WorkBudget late = WorkBudget.of("encoding", Long.MAX_VALUE, 10).within(Duration.ofNanos(-1));
        WorkBudget early = WorkBudget.of("encoding", Long.MAX_VALUE, 10).within(Duration.ofDays(1));

        assertThatThrownBy(() -> late.spend(1 << 21))
                .isInstanceOf(WorkLimitException.class)
                .hasMessage("encoding takes longer than the time allowed for it");
        assertThatCode(() -> early.spend(1 << 21)).doesNotThrowAnyException();
    }

    @Test
    void endsWhenTheThreadIsInterrupted() {
        WorkBudget budget = WorkBudget.of("encoding", Long.MAX_VALUE, 10);
        budget.spend(1 << 21);
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> budget.spend(1 << 21))
                .isInstanceOf(WorkLimitException.class)
                .hasMessage("encoding was interrupted");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void saysHowMuchMayBeDoneBeforePaying() {
        WorkBudget budget = WorkBudget.of("encoding", 100, 10);
        budget.spend(60);
        assertThat(budget.beforeLook()).isEqualTo(40);
    }

    @Test
    void namesThePartThatWantsSoMuch() {
        assertThat(new WorkLimitException("encoding takes too long").in("the normalizer Replace"))
                .hasMessage("encoding takes too long, in the normalizer Replace");
    }
}
