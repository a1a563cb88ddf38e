package org.jformers.cli;

/** A display that ends with the process. */
final class EndingProgress implements Progress {
    private final Progress shown;
    private final Thread end;

    EndingProgress(Progress shown) {
        this.shown = shown;
        end = new Thread(shown::close, "end of the display");
        Runtime.getRuntime().addShutdownHook(end);
    }

    @Override
    public void update(long done, String... figures) {
        shown.update(done, figures);
    }

    @Override
    public void expect(long total) {
        shown.expect(total);
    }

    @Override
    public void say(String line) {
        shown.say(line);
    }

    @Override
    public void close() {
        shown.close();
        try {
            Runtime.getRuntime().removeShutdownHook(end);
        } catch (IllegalStateException e) {
            // The machine shuts down already: the hook runs or has run.
        }
    }
}
