package org.jformers.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.nn.Linear;
import org.junit.jupiter.api.Test;

final class DeviceTest {

    @Test
    void isWrittenAsItIsRead() {
        for (String text : List.of("auto", "cpu", "cuda:0", "cuda:1", "meta")) {
            assertThat(Device.of(text)).hasToString(text).isEqualTo(Device.of(text));
        }
        assertThat(Device.of("cuda")).isEqualTo(Device.cuda(0));
    }

    @Test
    void refusesNamesOfNoDevice() {
        for (String text : List.of("gpu", "cuda:", "cuda:-1", "cuda:128", "cuda:9999999999", "CPU", "cpu:0", "")) {
            assertThatThrownBy(() -> Device.of(text)).isInstanceOf(JformersException.class)
                    .hasMessage("device: got " + text + ", allowed auto, cpu, cuda, cuda:0, cuda:1 and so on, meta");
        }
        assertThatThrownBy(() -> new Device(Device.Kind.CPU, 1)).hasMessage("device: got number 1 of cpu, allowed 0");
        assertThatThrownBy(() -> Device.cuda(-1)).hasMessage("device: got number -1 of cuda, allowed 0 to 127");
    }

    @Test
    void refusesADeviceThatIsNotThere() {
        List<Device> there = Device.available();
        assertThat(there).startsWith(Device.CPU);
        assertThatThrownBy(Device.cuda(127)::resolve).isInstanceOf(JformersException.class)
                .hasMessageStartingWith("device: got cuda:127, allowed are those that are there: cpu");
        assertThat(Device.AUTO.resolve()).isEqualTo(there.get(there.size() - 1 > 0 ? 1 : 0));
        assertThat(Device.META.resolve()).isEqualTo(Device.META);
    }

    @Test
    void modulesAreMadeWhereItIsSaid() {
        Scopes.run(() -> {
            try (Linear there = Device.META.making(() -> new Linear.Spec(3, 2).build());
                    Linear here = new Linear.Spec(3, 2).build()) {
                assertThat(there.device()).isEqualTo(Device.META);
                assertThat(Device.of(there.weight())).isEqualTo(Device.META);
                assertThat(Device.of(here.weight())).isEqualTo(Device.CPU);
            }
        });
        assertThat(Device.current()).isEqualTo(Device.CPU);
    }

    @Test
    void tensorsGoWithOthers() {
        Scopes.run(() -> {
            Tensor like = Tensors.empty(Device.META, ScalarType.BFloat16, 2);
            assertThat(Device.of(Tensors.range(2, 5, like))).isEqualTo(Device.META);
            assertThat(Tensors.range(2, 5, like).shape()).containsExactly(3);
            assertThat(Tensors.type(Tensors.range(2, 5, like))).isEqualTo(ScalarType.Long);
            Tensor host = Tensors.ofFloats(new float[] {1, 2}, 2);
            assertThat(Device.of(Tensors.beside(host, like))).isEqualTo(Device.META);
            assertThat(Tensors.type(Tensors.alike(host, like))).isEqualTo(ScalarType.BFloat16);
            assertThat(Tensors.beside(host, host)).isSameAs(host);
            assertThat(Tensors.toLongs(Tensors.range(2, 5, host))).containsExactly(2, 3, 4);
        });
    }

    @Test
    void saysThatShapesHaveNoNumbers() {
        Scopes.run(() -> {
            Tensor shape = Tensors.empty(Device.META, ScalarType.Float, 2).add(new Scalar(1));
            assertThatThrownBy(() -> Tensors.toFloats(shape)).isInstanceOf(JformersException.class).hasMessage(
                    "device: got a tensor on meta to bring to cpu, which has a shape and no numbers;"
                            + " allowed cpu, cuda");
        });
    }
}
