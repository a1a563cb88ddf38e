package org.jformers.task;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;

/** Images of discs, bars and rings, of any place, size and colour, in a folder for each. */
final class DrawnShapes {
    static final List<String> SHAPES = List.of("bar", "disc", "ring");
    private static final int SIDE = 20;

    private DrawnShapes() {}

    static Path draw(Path folder, int each, long seed) {
        Random random = new Random(seed);
        for (String shape : SHAPES) {
            for (int i = 0; i < each; i++) {
                write(draw(shape, random), folder.resolve(shape).resolve(shape + "-" + i + ".png"));
            }
        }
        return folder;
    }

    private static BufferedImage draw(String shape, Random random) {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(150 + random.nextInt(100), 150 + random.nextInt(100), 150 + random.nextInt(100)));
        int size = 9 + random.nextInt(6);
        int x = random.nextInt(SIDE - size);
        int y = random.nextInt(SIDE - size);
        switch (shape) {
            case "bar" -> graphics.fillRect(x, y, size, 3);
            case "disc" -> graphics.fillOval(x, y, size, size);
            default -> graphics.drawOval(x, y, size, size);
        }
        graphics.dispose();
        return image;
    }

    private static void write(BufferedImage image, Path file) {
        try {
            Files.createDirectories(file.getParent());
            ImageIO.write(image, "png", file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
