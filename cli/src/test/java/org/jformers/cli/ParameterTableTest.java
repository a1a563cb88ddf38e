package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ParameterTableTest {

    @Test
    void addsUpPartsAndMergesEqualLayers() {
        Map<String, Long> sizes = new LinkedHashMap<>();
        sizes.put("embedding.weight", 1000L);
        for (int i = 0; i < 3; i++) {
            sizes.put("blocks." + i + ".attention.weight", 2000L);
            sizes.put("blocks." + i + ".norm.bias", i == 2 ? 7L : 5L);
        }
        sizes.put("norm.weight", 3L);
        sizes.put("norm.bias", 3L);
        assertThat(ParameterTable.of(sizes)).containsExactly(
                "embedding              1,000",
                "blocks[0..1]           4,010  = 2 x 2,005",
                "blocks[2]              2,007",
                "norm                       6",
                "total                  7,023");
    }

    @Test
    void countsNothing() {
        assertThat(ParameterTable.of(Map.of())).containsExactly("total               0");
    }
}
