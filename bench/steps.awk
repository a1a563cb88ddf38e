# Sums up runs of steps for finetuning.sh and embedding.sh: lines "NAME PRECISION mean MS ... processor MS ..." to what a
# second does (best round and median of the rounds, 32 to a step), processor time per step, and the ratios to jformers in
# bfloat16. unit is what is counted.
{ name = $1 " " $2
  for (i = 1; i <= NF; i++) { if ($i == "mean") mean = $(i + 1); if ($i == "processor") work = $(i + 1) }
  if (!(name in best) || mean < best[name]) best[name] = mean
  if (!(name in least) || work < least[name]) least[name] = work
  place = ++count[name] # kept in order, so that the median of the rounds is the middle one
  while (place > 1 && means[name, place - 1] > mean) { means[name, place] = means[name, place - 1]; place-- }
  means[name, place] = mean }
END { us = "jformers bfloat16"; ours = means[us, int((count[us] + 1) / 2)]
      for (name in best) { middle = means[name, int((count[name] + 1) / 2)]
          printf "%-18s best %6.1f median %6.1f %s/s  processor %7.1f ms a step  %5.2f x %5.2f x\n",
                 name, 32e3 / best[name], 32e3 / middle, unit, least[name], best[name] / best[us], middle / ours } }
