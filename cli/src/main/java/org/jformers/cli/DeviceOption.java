package org.jformers.cli;

import org.jformers.tensor.Device;
import picocli.CommandLine.Option;

/** The option {@code --device}, for every command that computes. */
final class DeviceOption {
    static final String NAME = "--device";

    @Option(
            names = NAME,
            paramLabel = "DEVICE",
            description = "Where to compute: cpu, cuda, cuda:1 and so on; by default the first graphics card where the"
                    + " engine has one. 'jformers env --engine' says which there are.")
    private String device = "auto";

    /** The device, which is there. */
    Device device() {
        return Device.of(device).resolve();
    }
}
