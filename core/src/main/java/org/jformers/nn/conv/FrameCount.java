package org.jformers.nn.conv;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.Tensors;

/**
 * How many frames convolutions without padding leave of a sequence.
 *
 * <p>Dimensions: B rows, S samples, T frames.
 *
 * @param windows the convolutions, first to last
 */
public record FrameCount(List<Window> windows) {
    public FrameCount {
        windows = List.copyOf(windows);
    }

    /**
     * One convolution.
     *
     * @param kernel samples under the window
     * @param stride samples from one window to the next
     */
    public record Window(int kernel, int stride) {}

    /** Samples from one frame to the next. */
    public int stride() {
        return windows.stream().mapToInt(Window::stride).reduce(1, Math::multiplyExact);
    }

    /** int64 numbers of samples [B] to numbers of frames [B]. */
    public Tensor frames(Tensor samples_B) {
        Tensor count_B = samples_B;
        for (Window window : windows) {
            count_B = count_B.sub(new Scalar((long) window.kernel())).floor_divide(new Scalar((long) window.stride()))
                    .add(new Scalar(1L));
        }
        return count_B;
    }

    /** Number of frames of that many samples; below 1 if there are too few for one. */
    public long frames(long samples) {
        long count = samples;
        for (Window window : windows) {
            count = Math.floorDiv(count - window.kernel(), window.stride()) + 1;
        }
        return count;
    }

    /** bool [B, S], true for samples before the padding, to bool [B, T], true for their frames. */
    public Tensor real(Tensor real_BS, long frames) {
        Tensor count_B1 = frames(real_BS.to(ScalarType.Long).sum(1)).unsqueeze(1);
        return Tensors.range(0, frames, count_B1).unsqueeze(0).lt(count_B1);
    }
}
